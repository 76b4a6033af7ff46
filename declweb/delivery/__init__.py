"""The outbox's other end: mail and webhooks, tried until they arrive, and the owner told when they do not.

Owns how messages leave and when they are tried again. Knows no request and no template: what is sent was written when
the entry came. Importing this package imports neither smtplib nor a store.
"""
