"""The owner's pages: what forms received, read and dealt with in a browser.

Owns how entries are listed, shown, searched and acted upon. Knows no site file but the checked one, and nothing of who
may look: whoever lets a request in does.
"""
