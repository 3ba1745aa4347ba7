#!/usr/bin/env python3
"""Records how editors save a file, by the system calls that they make: recorded-saves.txt, which the tests replay.

    tests/it/real/watch/record-saves.py

It needs strace, emacs, vim and node; EMACS, VIM and NODE may name programs. VS Code itself has no way to save without a
window: what is recorded for it is what its `DiskFileSystemProvider` asks of Node's `fs` on Linux, run by Node. `atomic` is its
way with `IFileAtomicWriteOptions`.

Each line is one call that changes something in the folder of the file: its name, then its arguments. `#N` is an open file.
What was written is told by what it is of: `new 1/2` is the first of two pieces of the new text, `old 1/1` all of the old one,
and `other` neither.
"""

import ast
import os
import pathlib
import re
import subprocess
import tempfile

OLD, NEW = b"# old\nname: saved\n", b"# new\n# old\nname: saved\n"
CALLS = "open,openat,creat,close,write,pwrite64,copy_file_range,truncate,ftruncate,rename,renameat,renameat2,link,linkat"
CALLS += ",symlink,symlinkat,unlink,unlinkat,chmod,fchmod,fchmodat,fsync,fdatasync,mkdir,rmdir"
EDIT = '(progn (find-file "nest.yaml") (goto-char 1) (insert "# new\\n") (save-buffer))'
SAVE = """
const fs = require('fs').promises, text = process.env.NEW;
async function write(path) {
  await fs.access(path).catch(() => {});
  const file = await fs.open(path, 'w');
  await file.write(Buffer.from(text), 0, text.length, null);
  await file.datasync();
  await file.close();
}
(async () => {
  if (process.argv[1] === 'atomic') {
    await write('nest.yaml.vsctmp');
    await fs.rename('nest.yaml.vsctmp', 'nest.yaml');
  } else await write('nest.yaml');
})();
"""


def program(name):
    return os.environ.get(name.upper(), name)


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def vim(copy):
    command = [program("vim"), "-es", "-u", "NONE", "-N", "-c", f"set backupcopy={copy}"]
    return [*command, "-c", "normal ggO# new", "-c", "wq", "nest.yaml"]


def emacs(setting):
    return [program("emacs"), "-Q", "--batch", "--eval", setting, "--eval", EDIT]


def ways():
    """Each way to save: its name, and the command."""
    version = first_line(program("emacs"), "--version")
    yield f"{version}, as it is", emacs("t")
    yield f"{version}, backup-by-copying", emacs("(setq backup-by-copying t)")
    yield f"{version}, file-precious-flag", emacs("(setq file-precious-flag t)")
    version = re.sub(r" \(.*", "", first_line(program("vim"), "--version"))
    for copy in ("yes", "no", "auto"):
        yield f"{version}, backupcopy={copy}", vim(copy)
    version = first_line(program("node"), "--version")
    yield f"VS Code's calls, by Node {version}", [program("node"), "-e", SAVE]
    yield f"VS Code's calls, atomic, by Node {version}", [program("node"), "-e", SAVE, "atomic"]


def record(command):
    """The lines of a save."""
    # emacs makes no backups below the folder for temporary files.
    with tempfile.TemporaryDirectory(dir=os.path.expanduser("~")) as folder:
        folder = pathlib.Path(folder).resolve()
        (folder / "nest.yaml").write_bytes(OLD)
        trace = ["strace", "-f", "-y", "-s", "4096", "-xx", "-e", f"trace={CALLS}", "-o", "trace"]
        environment = {**os.environ, "NEW": NEW.decode()}
        subprocess.run(
            [*trace, *command], cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL, capture_output=True
        )
        assert (folder / "nest.yaml").read_bytes() == NEW, command
        return list(pieces(lines((folder / "trace").read_text(), str(folder))))


def lines(trace, folder):
    """The calls of a trace that changed something in a folder."""
    begun, opened, base = {}, {}, folder

    def text(argument):
        return ast.literal_eval("b" + argument)

    def name(argument):
        path = os.path.join(base, text(argument).decode())
        return os.path.relpath(path, folder) if path.startswith(folder + "/") else None

    for line in trace.splitlines():
        process, line = line.split(None, 1)
        if "<unfinished ...>" in line:
            begun[process] = line.split("<unfinished")[0].rstrip()
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", line):
            line = begun.pop(process) + resumed[1]
        call = re.match(r"(\w+)\((.*)\)\s+= (-?\d+)", line)
        if not call or int(call[3]) < 0:
            continue
        # All text is in hexadecimal, so that no comma is in it.
        what, arguments, result = call[1], call[2].split(", "), call[3]
        base = folder
        if what.endswith(("at", "at2")):
            folders = [re.match(r"\d+<(.*)>", it) for it in arguments]
            bases = [text(f'"{it[1]}"').decode() for it in folders if it]
            base = bases[0] if bases else folder
            arguments = [it for it, of in zip(arguments, folders) if not of and not it.startswith("AT_")]
        descriptor = re.match(r"(\d+)<", arguments[0])
        number = opened.get(descriptor[1]) if descriptor else None
        if what in ("open", "openat", "creat"):
            path, flags = name(arguments[0]), arguments[1]
            if path and path != "trace" and re.search("O_WRONLY|O_RDWR|O_CREAT", flags):
                opened[result] = len(opened) + 1 if result not in opened else opened[result]
                kept = [flag for flag in flags.split("|") if re.search("WRONLY|RDWR|CREAT|TRUNC|EXCL|APPEND", flag)]
                yield ["open", f"#{opened[result]}", path, "|".join(kept)], None
        elif what == "close" and number:
            del opened[descriptor[1]]
            yield ["close", f"#{number}"], None
        elif what in ("write", "pwrite64") and number:
            yield ["write", f"#{number}"], text(arguments[1])
        elif what == "copy_file_range":
            # Both files are open, and what is copied begins at the beginning.
            number = opened.get(re.match(r"\d+", arguments[2])[0])
            if number:
                yield ["write", f"#{number}"], OLD[: int(result)]
        elif what in ("fsync", "fdatasync", "ftruncate", "fchmod") and number:
            yield [what, f"#{number}", *arguments[1:]], None
        elif what.startswith(("rename", "link")):
            paths = [name(argument) for argument in arguments if argument.startswith('"')]
            if all(paths):
                yield [re.sub("at2?$", "", what), *paths], None
        elif what.startswith("symlink"):
            path = name(arguments[1])
            if path:
                yield ["symlink", path], None
        elif what.startswith(("unlink", "chmod", "fchmodat", "mkdir", "rmdir", "truncate")):
            path = name(arguments[0])
            if path and path != "trace":
                yield [re.sub("^f?(chmod|unlink)at$", r"\1", what), path, *arguments[1:]], None


def pieces(calls):
    """The calls as lines, with what was written told by what it is of."""
    calls = list(calls)
    index = 0
    while index < len(calls):
        call, written = calls[index]
        if written is None:
            yield " ".join(call)
            index += 1
            continue
        run = [written]
        while calls[index + len(run) : index + len(run) + 1] and calls[index + len(run)][0] == call:
            run.append(calls[index + len(run)][1])
        whole = b"".join(run)
        of = {OLD: "old", NEW: "new"}.get(whole)
        for number in range(1, len(run) + 1):
            yield " ".join([*call, f"{of} {number}/{len(run)}" if of else "other"])
        index += len(run)


def main():
    out = [f"By record-saves.py with {first_line('strace', '--version')}."]
    for way, command in ways():
        out += ["", f"== {way}", *record(command)]
    target = pathlib.Path(__file__).parent / "recorded-saves.txt"
    target.write_text("\n".join(out) + "\n")
    print(f"wrote {target}")


main()
