"""A Flask application as a site file, and words for what cannot be one.

Imports no Flask: it looks at an application that is there.
"""
