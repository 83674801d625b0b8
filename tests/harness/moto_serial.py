"""moto, one request at a time: `moto_serial.py -H HOST -p PORT`.

moto's DynamoDB takes no lock: a transaction copies the table, and puts the copy back when it fails,
with whatever others wrote in between gone. What DynamoDB promises for single calls holds only when
they come one after the other.
"""

import sys
import threading

# This script's folder comes first, and holds a moto.py that is not the package.
del sys.path[0]

from moto import server  # noqa: E402

run_simple = server.run_simple


def run_serially(host, port, application, **options):
    """As werkzeug's, with one lock around the application."""
    lock = threading.Lock()

    def serial(environ, start_response):
        with lock:
            return list(application(environ, start_response))

    run_simple(host, port, serial, **options)


server.run_simple = run_serially

if __name__ == "__main__":
    server.main(sys.argv[1:])
