"""Which language a visitor reads: the one of the cookie, or else the one that the browser prefers."""

from declweb import after_this_request, g, request

LANGUAGES = ["en", "de", "fr"]


def detect_user_language():
    language = request.cookies.get("user_lang")
    if language not in LANGUAGES:
        language = request.accept_languages.best_match(LANGUAGES, "en")

        @after_this_request
        def remember_language(response):
            response.set_cookie("user_lang", language, max_age=365 * 24 * 3600, httponly=True, samesite="Lax")
            return response

    g.language = language
