"""Folders of written pages: what a file says, what becomes of its text, and what is made of all pages.

Owns reading a page's file, its address, turning Markdown into HTML, how pages belong together, and the files made of
them: feeds, the sitemap and robots.txt. Must not know the web, templates, rules, or what else answers an address.
"""
