"""Folders of pages: what is written in Markdown or HTML, with front matter, and what is made of it.

Owns reading a page's file, turning Markdown into HTML, and the files made of all pages: feeds, the sitemap and
robots.txt. Must not know the web, templates or rules.
"""
