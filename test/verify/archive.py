# An archive that all nodes share, as small as can be: files by HTTP.
#   archive.py serve DIRECTORY PORT | put URL PATH NAME | get URL NAME PATH
import http.server, os, sys, urllib.request


class Files(http.server.SimpleHTTPRequestHandler):
    def do_PUT(self):
        path = self.translate_path(self.path)
        with open(path + ".part", "wb") as out:
            out.write(self.rfile.read(int(self.headers["Content-Length"])))
        os.rename(path + ".part", path)
        self.send_response(201)
        self.end_headers()


def serve(directory, port):
    os.chdir(directory)
    http.server.ThreadingHTTPServer(("", int(port)), Files).serve_forever()


def put(url, path, name):
    with open(path, "rb") as wal:
        urllib.request.urlopen(urllib.request.Request(f"{url}/{name}", data=wal.read(), method="PUT"))


def get(url, name, path):
    content = urllib.request.urlopen(f"{url}/{name}").read()
    with open(path, "wb") as out:
        out.write(content)


{"serve": serve, "put": put, "get": get}[sys.argv[1]](*sys.argv[2:])
