"""Tools that find out at the player's which pieces are missing."""

from .tool import Tool

CASYNC = "--without=all --with=symlinks"
EXTRACT = "casync extract " + CASYNC + " --store={url}/store.castr"


def _desync_file(average):
    """desync on one file, with chunks of `average` kilobytes."""
    sizes = f"{average // 4}:{average}:{average * 4}"
    make = "desync make -m " + sizes + " -s {out}/store"
    return Tool(
        name=f"desync {average} KB",
        family="chunks",
        takes="file",
        needs="desync",
        publish_first=f"mkdir {{out}}/store; {make} {{out}}/old.caibx {{old}} > /dev/null",
        publish=f"{make} {{out}}/new.caibx {{new}} > /dev/null",
        # The index of a seed lies beside it, under its name.
        prepare="ln -s {old} seed; cp {out}/old.caibx seed.caibx",
        update="desync extract --seed seed.caibx -s {url}/store {url}/new.caibx {result}",
        install="desync extract -s {url}/store {url}/new.caibx {result}",
        shapes=("pak",),
    )


OSTREE_PULL = "ostree --repo=repo pull origin new; ostree --repo=repo checkout -H -U new {result}"
OSTREE_INIT = (
    "ostree --repo=repo init --mode=bare-user; ostree --repo=repo remote add --no-gpg-verify origin {url}; "
)
OSTREE_COMMIT = "ostree --repo={out} commit --tree=dir=%s -b %s --timestamp=@0 > /dev/null; ostree --repo={out} summary -u"
OSTREE_DELTA = "; ostree --repo={out} static-delta generate --from=old --to=new > /dev/null; ostree --repo={out} summary -u"


def _ostree(name, more=""):
    return Tool(
        name=name,
        family="delta" if more else "chunks",
        takes="tree",
        needs="ostree",
        publish_first="ostree --repo={out} init --mode=archive; " + OSTREE_COMMIT % ("{old}", "old"),
        publish=OSTREE_COMMIT % ("{new}", "new") + more,
        prepare=OSTREE_INIT + "ostree --repo=repo pull origin old; ostree --repo=repo checkout -H -U old before",
        update=OSTREE_PULL,
        install="" if more else OSTREE_INIT + OSTREE_PULL,
        shapes=("tree",),
    )


TOOLS = [
    Tool(
        name="casync",
        family="chunks",
        takes="tree",
        needs="casync",
        publish_first=f"casync make {CASYNC} --store={{out}}/store.castr {{out}}/old.caidx {{old}} > /dev/null",
        publish=f"casync make {CASYNC} --store={{out}}/store.castr {{out}}/new.caidx {{new}} > /dev/null",
        update=EXTRACT + " --seed={old} {url}/new.caidx {result}",
        install=EXTRACT + " {url}/new.caidx {result}",
    ),
    Tool(
        name="desync (tree)",
        family="chunks",
        takes="tree",
        needs="desync",
        publish_first="mkdir {out}/store; desync tar -i -s {out}/store {out}/old.caidx {old} > /dev/null",
        publish="desync tar -i -s {out}/store {out}/new.caidx {new} > /dev/null",
        prepare="mkdir cache before; desync untar --no-same-owner -i -s {out}/store -c cache {out}/old.caidx before",
        update="mkdir {result}; desync untar --no-same-owner -i -s {url}/store -c cache {url}/new.caidx {result}",
        install="mkdir {result}; desync untar --no-same-owner -i -s {url}/store {url}/new.caidx {result}",
        shapes=("tree",),
    ),
    _desync_file(64),
    _desync_file(16),
    _ostree("ostree"),
    _ostree("ostree, static delta", OSTREE_DELTA),
    Tool(
        name="zsync",
        family="chunks",
        takes="file",
        needs="zsync",
        publish="cp {new} {out}/new; zsyncmake -u new -o {out}/new.zsync {out}/new",
        update="zsync -q -i {old} -o {result} {url}/new.zsync > /dev/null",
        shapes=("pak",),
    ),
    Tool(
        name="zchunk",
        family="chunks",
        takes="file",
        needs="zck",
        publish_first="zck -o {out}/old.zck {old}",
        publish="zck -o {out}/new.zck {new}",
        prepare="cp {out}/old.zck .",
        update="zckdl -s old.zck {url}/new.zck; unzck -c new.zck > {result}",
        install="zckdl {url}/new.zck; unzck -c new.zck > {result}",
        shapes=("pak",),
    ),
    Tool(
        name="rsync",
        family="live",
        takes="tree",
        needs="rsync",
        publish="cp -a {new}/. {out}",
        prepare="cp -a {old} {result}",
        update="rsync -a --delete --stats {live_url}/ {result} > statistics",
        install="rsync -a --stats {live_url}/ {result} > statistics",
        traffic="statistics",
    ),
]
