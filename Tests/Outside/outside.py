"""What the checks have in common: the programs of the build, and a shop to work in."""

import os
import pathlib
import shutil
import subprocess
import sys

SHOP = pathlib.Path(__file__).resolve().parents[2] / "corpus" / "cli" / "shop"


class World:
    """A folder with the shop's files, in which commands run."""

    def __init__(self):
        self.programs, folder = sys.argv[1:3]
        self.folder = pathlib.Path(folder)
        for name in SHOP.iterdir():
            shutil.copy(name, self.folder)
            os.chmod(self.folder / name.name, 0o600)

    def run(self, *words, passphrase=None, codes=(0,)):
        """Runs a program of the build, or openssl, and returns what it printed, as bytes."""
        words = list(words)
        if words[0] in ("writ", "writ-verify", "writ-delegate"):
            words[0] = os.path.join(self.programs, words[0])
        pipes = ()
        if passphrase is not None:
            reading, writing = os.pipe()
            os.write(writing, passphrase.encode() + b"\n")
            os.close(writing)
            words += ["--passphrase-fd", str(reading)]
            pipes = (reading,)
        done = subprocess.run(
            words, cwd=self.folder, pass_fds=pipes, stdin=subprocess.DEVNULL, capture_output=True
        )
        for pipe in pipes:
            os.close(pipe)
        if done.returncode not in codes:
            sys.exit(f"{words}: {done.returncode}\n{done.stderr.decode()}")
        return done.stdout

    def path(self, name):
        return str(self.folder / name)

    def bytes(self, name):
        return (self.folder / name).read_bytes()

    def write(self, name, data):
        (self.folder / name).write_bytes(data)


def expect(holds, what):
    """Ends the check where something does not hold."""
    if not holds:
        sys.exit(f"expected: {what}")
