"""Forms: reading what was sent, checking it, guarding it, drawing it, and accepting it.

Knows what a form declares and the store that keeps entries; knows neither a site as a whole, nor an environ or the App.
"""
