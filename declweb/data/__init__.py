"""`[data.NAME]`: files and databases, read into rows; and which of the rows somebody asks for.

Owns cells and their types, files and what is wrong with them, conditions and orders. Knows no page and no request.
"""
