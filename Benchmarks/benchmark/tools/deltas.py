"""Tools that make one patch from the old release to the new one."""

from .tool import Tool

GET = "curl -sS -o patch {url}/patch; "
QUADRATIC = 256 << 20

TOOLS = [
    Tool(
        name="HDiffPatch",
        family="delta",
        takes="file",
        needs="hdiffpatch",
        publish="hdiffpatch diff {old} {new} {out}/patch",
        update=GET + "hdiffpatch patch {old} patch {result}",
        shapes=("pak",),
    ),
    Tool(
        name="zstd --patch-from",
        family="delta",
        takes="file",
        needs="zstd",
        publish="zstd -q -f -19 --long=31 --patch-from={old} {new} -o {out}/patch",
        update=GET + "zstd -q -d --long=31 --patch-from={old} patch -o {result}",
        shapes=("pak",),
    ),
    Tool(
        name="xdelta3",
        family="delta",
        takes="file",
        needs="xdelta3",
        publish="xdelta3 -f -e -9 -S lzma -B $(stat -c %s {old}) -s {old} {new} {out}/patch",
        update=GET + "xdelta3 -d -B $(stat -c %s {old}) -s {old} patch {result}",
        shapes=("pak",),
    ),
    Tool(
        name="bsdiff",
        family="delta",
        takes="file",
        needs="bsdiff",
        publish="bsdiff {old} {new} {out}/patch",
        update=GET + "bspatch {old} {result} patch",
        most=QUADRATIC,
        why_most="bsdiff takes seventeen times the file in memory, and hours",
        shapes=("pak",),
    ),
    Tool(
        name="detools",
        family="delta",
        takes="file",
        needs="detools",
        publish="detools create_patch -c lzma {old} {new} {out}/patch",
        update=GET + "detools apply_patch {old} patch {result}",
        most=QUADRATIC,
        why_most="detools keeps a suffix array in memory and works for hours",
        shapes=("pak",),
    ),
]
