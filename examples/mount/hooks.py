"""Hand requests to another application, which sees its own part of the address."""

from werkzeug.middleware.dispatcher import DispatcherMiddleware


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} below {environ['SCRIPT_NAME']}\n".encode()]


def counter(rest=""):
    return DispatcherMiddleware(application, {"/counter": application})
