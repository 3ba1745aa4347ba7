#!/usr/bin/env python3
"""Records `nest watch` on a terminal of 80 columns, as an SVG that moves: book/src/watch.svg.

    pip install pyte
    book/record-watch.py [path of nest]

It needs a container engine, which DOCKER_HOST may name, with the images docker:dind, docker:cli, alpine:3.20 and
busybox:1.36. It makes a project of its own in a temporary folder, and takes it down in the end.
"""

import fcntl
import html
import os
import pathlib
import pty
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte

COLUMNS, ROWS = 80, 28
# The size of a character, in the units of the drawing.
WIDTH, HEIGHT = 8.4, 17
COLOURS = {"green": "#4e9a06", "red": "#cc0000", "brown": "#c4a000", "yellow": "#c4a000", "blue": "#3465a4"}
FILE = """name: demo
environments:
  builder: { outer: dind, inner: { images: [alpine:3.20] } }
  tools: { outer: socket }
"""
# What is done, and how long it is looked at.
SCENES = [
    (None, 9),
    (FILE.replace("[alpine:3.20]", "[alpine:3.20, busybox:1.36]"), 4),
    (FILE.replace("outer: socket", "outer: sokket"), 4),
    (FILE.replace("outer: socket", "outer: { mode: socket, environment: { A: b } }"), 4),
    ("y", 5),
    (["exec", "builder", "docker", "rmi", "alpine:3.20"], 5),
]


def record(nest, folder):
    """Runs the scenes. The bytes that nest wrote, each with its time."""
    file = folder / "nest.yaml"
    file.write_text(FILE)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.environ["TERM"] = "xterm-256color"
        # The size is known before anything is drawn.
        fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execv(nest, [nest, "watch", "--heal", "--down-on-exit"])
    written, begun = [], time.monotonic()

    def look(seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                try:
                    written.append((time.monotonic() - begun, os.read(terminal, 65536)))
                except OSError:
                    return

    for scene, seconds in SCENES:
        if isinstance(scene, list):
            subprocess.run([nest, *scene], cwd=folder, check=True, capture_output=True)
        elif scene == "y":
            os.write(terminal, b"y")
        elif scene:
            file.write_text(scene)
        look(seconds)
    length = len(written)
    os.write(terminal, b"q")
    look(60)
    os.waitpid(process, 0)
    return written[:length], sum(seconds for _, seconds in SCENES)


def screens(written):
    """The screens that were to be seen, each with the time from which on."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    seen, shown = [], None
    for index, (at, data) in enumerate(written):
        stream.feed(data)
        following = written[index + 1][0] if index + 1 < len(written) else at + 1
        # What is drawn in several writes is one screen.
        if following - at < 0.1:
            continue
        now = [row(screen, number) for number in range(ROWS)]
        if now != shown:
            seen.append((at, now))
            shown = now
    return seen


def row(screen, number):
    """The pieces of a row that look alike: text, column, colour, whether it is bold."""
    pieces = []
    for column in range(COLUMNS):
        cell = screen.buffer[number][column]
        look = (COLOURS.get(cell.fg, "#d3d7cf"), cell.bold)
        if pieces and pieces[-1][2] == look:
            pieces[-1][0] += cell.data
        else:
            pieces.append([cell.data, column, look])
    return [(text.rstrip(), column, look) for text, column, look in pieces if text.strip()]


def drawing(seen, total):
    """The drawing: each screen shows for its time, over and over."""
    width, height = COLUMNS * WIDTH + 20, ROWS * HEIGHT + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        "<title>nest watch on a terminal</title>",
        "<style>text{font:14px monospace;white-space:pre}g{visibility:hidden}.b{font-weight:bold}</style>",
        '<rect width="100%" height="100%" rx="6" fill="#1e1e1e"/>',
    ]
    for index, (at, rows) in enumerate(seen):
        until = seen[index + 1][0] if index + 1 < len(seen) else total
        times = f"0;{at / total:.4f};{min(until / total, 1):.4f}"
        values = "hidden;visible;hidden" if until < total else "hidden;visible;visible"
        parts.append("<g>")
        parts.append(
            f'<animate attributeName="visibility" calcMode="discrete" dur="{total}s" '
            f'repeatCount="indefinite" keyTimes="{times}" values="{values}"/>'
        )
        for number, pieces in enumerate(rows):
            for text, column, (colour, bold) in pieces:
                text_length = len(text) * WIDTH
                weight = ' class="b"' if bold else ""
                parts.append(
                    f'<text x="{10 + column * WIDTH:.1f}" y="{10 + (number + 0.8) * HEIGHT:.1f}" fill="{colour}" '
                    f'textLength="{text_length:.1f}"{weight}>{html.escape(text)}</text>'
                )
        parts.append("</g>")
    return "\n".join(parts) + "\n</svg>\n"


def main():
    nest = sys.argv[1] if len(sys.argv) > 1 else shutil.which("nest")
    if not nest:
        sys.exit("there is no nest: name it")
    with tempfile.TemporaryDirectory() as folder:
        written, total = record(os.path.abspath(nest), pathlib.Path(folder))
    target = pathlib.Path(__file__).parent / "src" / "watch.svg"
    target.write_text(drawing(screens(written), total))
    print(f"wrote {target}")


main()
