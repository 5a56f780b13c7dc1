"""The whole release as one archive, and how fast a machine reads it at all."""

from .tool import Tool


def _archive(level, shapes=("tree", "pak")):
    return Tool(
        name=f"tar, zstd -{level}",
        family="whole",
        takes="tree",
        needs="zstd",
        publish=f"tar -C {{new}} --sort=name -cf - . | zstd -q -{level} -T0 -o {{out}}/new.tar.zst",
        install="mkdir {result}; curl -sS {url}/new.tar.zst | zstd -q -d | tar -x -C {result}",
        shapes=shapes,
    )


TOOLS = [
    # As small for a tree as for its pak, which is a tar archive, and very slow to make.
    _archive(19, shapes=("tree",)),
    _archive(3),
    Tool(
        name="hashing",
        family="yardstick",
        takes="tree",
        needs="openssl",
        publish_again="find {new} -type f -print0 | xargs -0 openssl dgst -sha256 > /dev/null",
    ),
]
