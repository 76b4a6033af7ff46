"""Generators: what they yield is sent at once."""

from declweb import Response, request, stream_template, stream_with_context


def table():
    def lines():
        yield "number,square\n"
        for number in range(limit):
            yield f"{number},{number * number}\n"

    limit = request.args.get("lines", 1000, type=int)
    return Response(lines(), mimetype="text/csv")


def greeting():
    @stream_with_context
    def words():
        yield "Hello "
        yield request.args.get("name", "you")
        yield "!\n"

    return Response(words(), mimetype="text/plain")


def page():
    return stream_template("page.html", numbers=range(5))
