"""What HTTP knows and declweb shares: conditions, ranges, encodings, header fields, paths, answers made beforehand.

Values in, values out. Knows no WSGI environ, no site, and no disk beyond the file objects that are handed in.
"""
