"""What a site offers to programs, written down for them: an OpenAPI document, and a page made from it for people."""
