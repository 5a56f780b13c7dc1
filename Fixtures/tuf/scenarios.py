"""Drives `instar-tuf` through the client workflow against repositories that python-tuf signed.

    python scenarios.py PATH-TO-INSTAR-TUF [NAME…]

Prints one line a scenario and ends with 1 if any failed.
"""

import json
import sys
import traceback
from datetime import datetime, timedelta, timezone

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from simulator import ONLINE, Client, Repository, days_ago, encoded

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


def each(values):
    """The same scenario once for each value."""

    def decorate(function):
        for value in values:
            def one(client, repo, value=value):
                function(client, repo, value)
            one.__name__ = f"{function.__name__}[{value}]"
            SCENARIOS.append(one)
        return function

    return decorate


def edit_last(repo, role, change):
    """Changes the newest published file of a role as JSON, signatures left as they are."""
    document = json.loads(repo.published[role].pop())
    change(document)
    repo.published[role].append(json.dumps(document).encode())


# The workflow


@scenario
def first_refresh_asks_in_order_and_stores_what_came(client, repo):
    assert client.init() == 0
    assert repo.requests == []
    assert client.refresh() == 0
    assert repo.requests == [("root", 2), ("timestamp", None), ("snapshot", 1), ("targets", 1)]
    for role in ["root"] + ONLINE:
        assert client.stored(role) == repo.published[role][-1]


@scenario
def nothing_new_asks_twice(client, repo):
    client.init()
    client.refresh()
    repo.requests.clear()
    assert client.refresh() == 0
    assert repo.requests == [("root", 2), ("timestamp", None)]


@scenario
def download_refreshes_first(client, repo):
    client.init()
    assert client.download("nothing") == 1
    assert repo.requests == [("root", 2), ("timestamp", None), ("snapshot", 1), ("targets", 1)]
    assert client.roles() == {"root": 1, "timestamp": 1, "snapshot": 1, "targets": 1}


@scenario
def an_initial_root_without_version_is_refused(client, repo):
    root = json.loads(repo.published["root"][0])
    del root["signed"]["version"]
    client.init(json.dumps(root).encode())
    assert client.refresh() == 1
    assert repo.requests == []


@scenario
def an_unsigned_initial_root_is_refused(client, repo):
    root = json.loads(repo.published["root"][0])
    root["signatures"][0]["sig"] = "00" * 64
    client.init(json.dumps(root).encode())
    assert client.refresh() == 1
    assert repo.requests == []


UNSIGNED = {
    "root": {"root": 1},
    "timestamp": {"root": 2},
    "snapshot": {"root": 2, "timestamp": 2},
    "targets": {"root": 2, "timestamp": 2, "snapshot": 2},
}


@each(list(UNSIGNED))
def an_unsigned_role_ends_the_refresh_there(client, repo, role):
    repo.signers[role].clear()
    repo.publish(["root"] + ONLINE)
    client.init()
    assert client.refresh() == 1
    assert client.roles() == UNSIGNED[role]


@each(["root", "snapshot", "targets"])
def a_version_other_than_the_one_asked_for_is_refused(client, repo, role):
    repo.metadata[role].signed.version += 1
    repo.publish([role])
    repo.publish([name for name in ["root"] + ONLINE if name != role])
    if role != "root":
        # Listed under the number that it will be asked for by.
        (repo.timestamp.snapshot_meta if role == "snapshot" else repo.snapshot.meta["targets.json"]).version = 2
        repo.publish(["snapshot", "timestamp"] if role == "targets" else ["timestamp"])
    client.init()
    assert client.refresh() == 1
    assert role == "root" or role not in client.roles()


@scenario
def the_bytes_are_stored_as_they_came(client, repo):
    client.init()
    repo.published["timestamp"][-1] += b" \n"
    assert client.refresh() == 0
    assert client.stored("timestamp") == repo.published["timestamp"][-1]


@scenario
def another_timestamp_of_the_same_version_is_not_taken(client, repo):
    client.init()
    assert client.refresh() == 0
    before = client.stored("timestamp")
    repo.timestamp.snapshot_meta.version = 100
    repo.publish(["timestamp"], restart=True)
    repo.requests.clear()
    assert client.refresh() == 0
    assert repo.requests == [("root", 2), ("timestamp", None)]
    assert client.stored("timestamp") == before


@scenario
def wrong_digests_in_snapshot_are_noticed(client, repo):
    repo.with_hashes = True
    repo.publish(ONLINE)
    client.init()
    assert client.refresh() == 0
    repo.publish(["targets"])
    repo.snapshot.meta["targets.json"].hashes["sha256"] = "46" * 32
    repo.publish(["snapshot", "timestamp"])
    assert client.refresh() == 1
    assert client.roles() == {"root": 1, "timestamp": 3, "snapshot": 3, "targets": 2}


@scenario
def wrong_digests_in_timestamp_are_noticed(client, repo):
    repo.with_hashes = True
    repo.publish(ONLINE)
    repo.timestamp.snapshot_meta.length -= 1
    repo.publish(["timestamp"])
    client.init()
    assert client.refresh() == 1
    assert "snapshot" not in client.roles()


@scenario
def unknown_fields_are_kept_and_signed(client, repo):
    client.init()
    signer = CryptoSigner.generate_ed25519()
    signer.public_key.unrecognized_fields["extra"] = {"a": 1, "b": [2]}
    repo.root.unrecognized_fields["custom"] = "välue\n\t\x7f"
    repo.add_key("root", signer)
    repo.root.roles["root"].unrecognized_fields["another"] = None
    repo.publish(["root"])
    assert client.refresh() == 0
    assert client.roles()["root"] == 2


@scenario
def missing_snapshot_and_targets_end_the_refresh(client, repo):
    client.init()
    assert client.refresh() == 0
    repo.timestamp.snapshot_meta.version += 1
    repo.publish(["timestamp"])
    assert client.refresh() == 1
    assert repo.requests[-1] == ("snapshot", 2)
    repo.snapshot.meta["targets.json"].version += 1
    repo.publish(["snapshot", "timestamp"])
    assert client.refresh() == 1
    assert repo.requests[-1] == ("targets", 2)
    assert client.roles() == {"root": 1, "timestamp": 3, "snapshot": 2, "targets": 1}


@scenario
def missing_timestamp_ends_the_refresh(client, repo):
    client.init()
    assert client.refresh() == 0
    del repo.published["timestamp"]
    assert client.refresh() == 1
    assert repo.requests[-1] == ("timestamp", None)


@scenario
def a_snapshot_cannot_pose_as_timestamp(client, repo):
    client.init()
    repo.add_key("snapshot", repo.signers["timestamp"][0])
    repo.snapshot.meta = {"snapshot.json": MetaFile(1)}
    repo.publish(["root", "snapshot"])
    repo.published["timestamp"].append(repo.published["snapshot"].pop())
    assert client.refresh() == 1
    assert client.roles() == {"root": 2}


@each([500, 503, 401, 410, 302])
def only_404_and_403_mean_that_there_is_no_newer_root(client, repo, status):
    client.init()
    client.server.statuses["metadata/2.root.json"] = status
    assert client.refresh() == 1
    assert repo.requests == [("root", 2)]
    client.server.statuses["metadata/2.root.json"] = 403
    assert client.refresh() == 0


@scenario
def without_consistent_snapshots_names_have_no_versions(client, repo):
    repo.root.consistent_snapshot = False
    repo.add_artifact("folder/file", b"content")
    repo.publish(["root"] + ONLINE)
    client.init(repo.published["root"][1])
    assert client.refresh() == 0
    assert repo.requests == [("root", 3), ("timestamp", None), ("snapshot", None), ("targets", None)]
    assert client.download("folder/file") == 0
    assert repo.downloads == [("folder/file", None)]


@scenario
def many_roots_are_followed(client, repo):
    for _ in range(40):
        repo.publish(["root"])
    client.init()
    assert client.refresh() == 0
    assert client.roles()["root"] == 41
    assert repo.requests[:40] == [("root", number) for number in range(2, 42)]


# Keys


@scenario
def two_of_three_signatures_are_too_few(client, repo):
    repo.root.roles["snapshot"].threshold = 3
    repo.add_key("snapshot")
    repo.add_key("snapshot")
    repo.publish(["root"] + ONLINE)
    client.init()
    assert client.refresh() == 0
    repo.signers["snapshot"].pop()
    repo.publish(ONLINE)
    assert client.refresh() == 1
    assert client.roles()["snapshot"] == 2


@scenario
def a_threshold_above_the_number_of_keys_is_never_met(client, repo):
    client.init()
    repo.root.roles["snapshot"].threshold = 2
    repo.publish(["root", "snapshot", "timestamp"])
    assert client.refresh() == 1
    assert client.roles() == {"root": 2, "timestamp": 2}


@scenario
def one_key_under_many_names_counts_once(client, repo):
    signer = repo.signers["snapshot"][0]
    names = []
    for number in range(5):
        key = json.loads(json.dumps(signer.public_key.to_dict()))
        key["note"] = number
        if number % 2:
            key["keyval"]["public"] = key["keyval"]["public"].upper()
        names.append((f"{number:064x}", key))

    def rename(document):
        for name, key in names:
            document["signed"]["keys"][name] = key
        document["signed"]["roles"]["snapshot"] = {"keyids": [name for name, _ in names], "threshold": 2}
        payload = encode_canonical(document["signed"]).encode()
        document["signatures"] = [
            {"keyid": s.public_key.keyid, "sig": s.sign(payload).signature} for s in repo.signers["root"]
        ]

    def sign(document):
        payload = encode_canonical(document["signed"]).encode()
        signature = signer.sign(payload).signature
        document["signatures"] = [{"keyid": name, "sig": signature} for name, _ in names]

    client.init()
    repo.publish(["root", "snapshot", "timestamp"])
    edit_last(repo, "root", rename)
    edit_last(repo, "snapshot", sign)
    assert client.refresh() == 1
    assert "snapshot" not in client.roles()


@scenario
def a_key_listed_or_signing_twice_is_refused(client, repo):
    client.init()
    edit_last(repo, "snapshot", lambda document: document["signatures"].append(document["signatures"][0]))
    assert client.refresh() == 1
    assert "snapshot" not in client.roles()


@each([("ed25519", CryptoSigner.generate_ed25519), ("ecdsa", CryptoSigner.generate_ecdsa), ("rsa", CryptoSigner.generate_rsa)])
def each_kind_of_key_signs_and_forged_signatures_of_it_do_not(client, repo, kind):
    client.init()
    signer = repo.add_key("root", kind[1]())
    repo.root.roles["root"].threshold = 2
    repo.publish(["root"])
    assert client.refresh() == 0
    assert client.roles()["root"] == 2
    repo.publish(["root"])

    def forge(document):
        for signature in document["signatures"]:
            if signature["keyid"] == signer.public_key.keyid:
                good = signature["sig"]
                signature["sig"] = good[:-2] + ("00" if good[-2:] != "00" else "01")

    edit_last(repo, "root", forge)
    assert client.refresh() == 1
    assert client.roles()["root"] == 2


@each(["rsa-pkcs1v15-sha256", "rsassa-pss-sha512"])
def a_scheme_that_is_not_supported_is_skipped(client, repo, scheme):
    client.init()
    repo.add_key("root", CryptoSigner.generate_rsa(scheme=scheme))
    repo.publish(["root"])
    assert client.refresh() == 0
    repo.root.roles["root"].threshold = 2
    repo.publish(["root"])
    assert client.refresh() == 1
    assert client.roles()["root"] == 2


@each(["", "zz", "00" * 64, "abc"])
def a_bad_signature_beside_a_good_one_does_no_harm(client, repo, text):
    client.init()
    other = repo.add_key("timestamp")
    repo.publish(["root", "timestamp"])

    def spoil(document):
        for signature in document["signatures"]:
            if signature["keyid"] == other.public_key.keyid:
                signature["sig"] = text

    edit_last(repo, "timestamp", spoil)
    assert client.refresh() == 0


# Each case: [(keys, threshold, who signs)…], and whether the last root is taken.
ROOT_ROTATIONS = {
    "one_key_by_another": ([([1], 1, [1]), ([2], 1, [2, 1]), ([2], 1, [2])], True),
    "with_foreign_signatures": ([([1], 1, [3, 1, 4]), ([2], 1, [3, 2, 1, 4])], True),
    "three_of_five": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 2, 3, 4], 3, [0, 4, 1])], True),
    "one_of_five_replaced": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 4, 1])], True),
    "all_of_five_replaced": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7])], True),
    "threshold_up": ([([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [1, 2])], True),
    "threshold_down": ([([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1, 2]), ([1, 2, 3], 1, [1])], True),
    "not_signed_by_the_old": ([([1], 1, [1]), ([2], 1, [2, 3, 4])], False),
    "not_signed_by_the_new": ([([1], 1, [1]), ([2], 1, [1, 3, 4])], False),
    "too_few_of_the_new": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 2, 4])], False),
    "too_few_of_the_old": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 4, 5])], False),
    "new_threshold_not_reached": ([([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [2])], False),
    "old_threshold_not_reached": ([([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1])], False),
}


@each(list(ROOT_ROTATIONS))
def root_rotation(client, repo, name):
    versions, accepted = ROOT_ROTATIONS[name]
    signers = [CryptoSigner.generate_ed25519() for _ in range(10)]
    for number, (keys, threshold, signing) in enumerate(versions):
        for key in list(repo.root.roles["root"].keyids):
            repo.root.revoke_key(key, "root")
        for key in keys:
            repo.root.add_key(signers[key].public_key, "root")
        repo.root.roles["root"].threshold = threshold
        repo.signers["root"] = [signers[key] for key in signing]
        repo.publish(["root"], restart=number == 0)
    client.init()
    assert client.refresh() == (0 if accepted else 1)
    assert client.stored("root") == repo.published["root"][-1 if accepted else -2]


@each(ONLINE)
def online_keys_can_be_rotated(client, repo, role):
    client.init()
    assert client.refresh() == 0
    repo.rotate_keys(role)
    repo.publish(["root"])
    assert client.refresh() == 1
    repo.publish(ONLINE)
    assert client.refresh() == 0
    assert client.stored(role) == repo.published[role][-1]


# Rollback and recovery


@scenario
def an_older_timestamp_is_refused(client, repo):
    client.init()
    repo.publish(["timestamp"])
    assert client.refresh() == 0
    repo.publish(["timestamp"], restart=True)
    assert client.refresh() == 1
    assert client.roles()["timestamp"] == 2


@each([False, True])
def an_older_snapshot_is_refused(client, repo, hashes):
    client.init()
    repo.with_hashes = hashes
    repo.publish(["snapshot", "timestamp"])
    assert client.refresh() == 0
    repo.publish(["snapshot"], restart=True)
    repo.publish(["timestamp"])
    repo.requests.clear()
    assert client.refresh() == 1
    assert client.roles()["timestamp"] == 2 and client.roles()["snapshot"] == 2
    assert repo.requests[-1] == ("timestamp", None)


@each([False, True])
def older_targets_are_refused(client, repo, hashes):
    client.init()
    repo.with_hashes = hashes
    repo.publish(ONLINE)
    assert client.refresh() == 0
    repo.publish(["targets"], restart=True)
    repo.publish(["snapshot", "timestamp"])
    assert client.refresh() == 1
    assert client.roles()["snapshot"] == 2 and client.roles()["targets"] == 2


@scenario
def a_role_may_not_vanish_from_snapshot(client, repo):
    client.init()
    repo.delegate("targets", "delegated")
    repo.publish(["delegated"] + ONLINE)
    assert client.refresh() == 0
    del repo.snapshot.meta["delegated.json"]
    repo.publish(["snapshot", "timestamp"])
    assert client.refresh() == 1
    assert client.roles()["snapshot"] == 2


@each(["timestamp", "snapshot", "targets"])
def fast_forward_is_recovered_from_by_rotating_keys(client, repo, role):
    client.init()
    repo.metadata[role].signed.version = 99
    for _ in range(99 - len(repo.published[role])):
        repo.published[role].append(b"")
    repo.publish([role])
    repo.publish([name for name in ONLINE if name != role and name != "targets"])
    if role == "timestamp":
        repo.publish(["timestamp"])
    assert client.refresh() == 0
    assert client.roles()[role] >= 100
    for name in ["timestamp", "snapshot"] if role == "snapshot" else ["snapshot" if role == "targets" else role]:
        repo.rotate_keys(name)
    repo.publish(["root"])
    repo.publish([role], restart=True)
    repo.publish([name for name in ["snapshot", "timestamp"] if name != role])
    assert client.refresh() == 0
    assert client.roles()[role] == 1


# Expiry


@scenario
def an_expired_root_is_stored_and_ends_the_refresh(client, repo):
    client.init()
    assert client.refresh() == 0
    repo.root.expires = days_ago(1)
    repo.publish(["root"] + ONLINE)
    repo.requests.clear()
    assert client.refresh() == 1
    assert "expired" in client.reason
    assert repo.requests == [("root", 2), ("root", 3)]
    assert client.roles() == {"root": 2, "timestamp": 1, "snapshot": 1, "targets": 1}


@scenario
def an_expired_intermediate_root_is_passed(client, repo):
    client.init()
    repo.root.expires = days_ago(1)
    repo.publish(["root"])
    repo.root.expires = repo.expiry
    repo.publish(["root"])
    assert client.refresh() == 0
    assert client.roles()["root"] == 3


@each(ONLINE)
def an_expired_role_is_not_stored(client, repo, role):
    client.init()
    assert client.refresh() == 0
    repo.metadata[role].signed.expires = days_ago(5)
    repo.publish(ONLINE)
    assert client.refresh() == 1
    assert "expired" in client.reason
    assert client.roles()[role] == 1


@scenario
def expired_local_metadata_still_leads_to_new(client, repo):
    client.init()
    now = datetime.now(timezone.utc).replace(microsecond=0)
    repo.timestamp.expires = now + timedelta(days=7)
    repo.publish(["timestamp"])
    assert client.refresh() == 0
    assert client.refresh(now=now + timedelta(days=18)) == 1
    repo.timestamp.expires = now + timedelta(days=21)
    repo.publish(ONLINE)
    assert client.refresh(now=now + timedelta(days=18)) == 0
    assert client.roles() == {"root": 1, "timestamp": 3, "snapshot": 2, "targets": 2}


@scenario
def an_expired_delegated_role_is_not_used(client, repo):
    client.init()
    repo.delegate("targets", "delegated", ["some/*"], expires=days_ago(1))
    repo.add_artifact("some/file", b"content", "delegated")
    repo.publish(["delegated"] + ONLINE)
    assert client.refresh() == 0
    assert client.download("some/file") == 1
    assert client.files() == [] and "delegated" not in client.roles()


@scenario
def a_delegated_role_that_expired_since_is_renewed(client, repo):
    client.init()
    now = datetime.now(timezone.utc).replace(microsecond=0)
    repo.delegate("targets", "delegated", ["some/*"], expires=now + timedelta(days=7))
    repo.add_artifact("some/first", b"first", "delegated")
    repo.add_artifact("some/second", b"second", "delegated")
    repo.publish(["delegated"] + ONLINE)
    assert client.download("some/first") == 0
    later = now + timedelta(days=18)
    assert client.download("some/second", now=later) == 1
    assert client.files() == [b"first"]
    repo.metadata["delegated"].signed.expires = now + timedelta(days=21)
    repo.publish(["delegated", "snapshot", "timestamp"])
    assert client.download("some/second", now=later) == 0
    assert client.files() == [b"first", b"second"]


# Delegations: [(delegator, role, paths, terminating)…] and the order of the walk for a missing target.
GRAPHS = {
    "one": ([("targets", "A")], "A"),
    "two": ([("targets", "A"), ("targets", "B")], "AB"),
    "second_level": ([("targets", "A"), ("targets", "B"), ("B", "C")], "ABC"),
    "depth_first": ([("targets", "A"), ("targets", "B"), ("A", "C"), ("A", "D")], "ACDB"),
    "deep_first": ([("targets", "A"), ("targets", "B"), ("A", "C"), ("C", "D")], "ACDB"),
    "terminating": ([("targets", "A"), ("targets", "B"), ("A", "C", ["*"], True), ("A", "D")], "AC"),
    "terminating_goes_on_below": ([("targets", "A"), ("targets", "B"), ("A", "C", ["*"], True), ("C", "D")], "ACD"),
    "path_does_not_match": ([("targets", "A", ["*.py"]), ("targets", "B"), ("A", "C")], "B"),
    "deep_path_does_not_match": ([("targets", "A"), ("targets", "B"), ("A", "C", ["*.py"]), ("C", "D")], "AB"),
    "cycle": ([("targets", "A"), ("targets", "B"), ("B", "C"), ("C", "D"), ("D", "B")], "ABCD"),
    "two_ways": ([("targets", "A"), ("targets", "B"), ("B", "C"), ("A", "C")], "ACB"),
    "two_ways_one_matches": ([("targets", "A"), ("targets", "B"), ("B", "C"), ("A", "C", ["*.py"])], "ABC"),
    "to_itself": ([("targets", "A"), ("A", "A")], "A"),
}


@each(list(GRAPHS))
def the_walk_is_pre_order(client, repo, name):
    edges, order = GRAPHS[name]
    client.init()
    for delegator, role, *rest in edges:
        repo.delegate(delegator, role, *rest)
    repo.publish(sorted({role for _, role, *_ in edges}) + ONLINE)
    assert client.download("missing") == 1
    assert repo.requests[4:] == [(role, 1) for role in order]


@each([("file", ""), ("README.md", "A"), ("releases/x/v1", "BC"), ("releases/y/v1.zip", "BD"), ("releases/z/v1.zip", None)])
def targets_are_found_along_matching_paths(client, repo, case):
    path, order = case
    client.init()
    repo.delegate("targets", "A", ["*.doc", "*.md"])
    repo.delegate("targets", "B", ["releases/*/*"])
    repo.delegate("B", "C", ["releases/x/*"])
    repo.delegate("B", "D", ["releases/y/*.zip"])
    for target, role in [("file", "targets"), ("README.md", "A"), ("releases/x/v1", "C"), ("releases/y/v1.zip", "D"), ("releases/z/v1.zip", "D")]:
        repo.add_artifact(target, target.encode(), role)
    repo.publish(["A", "B", "C", "D"] + ONLINE)
    assert client.download(path) == (0 if order is not None else 1)
    assert client.files() == ([path.encode()] if order is not None else [])
    assert repo.requests[4:] == [(role, 1) for role in ("B" if order is None else order)]


@scenario
def a_role_of_the_walk_that_cannot_be_verified_ends_the_search(client, repo):
    client.init()
    repo.delegate("targets", "A")
    repo.delegate("targets", "B")
    repo.add_artifact("file", b"content", "B")
    repo.signers["A"].clear()
    repo.publish(["A", "B"] + ONLINE)
    assert client.download("file") == 1
    assert repo.requests[4:] == [("A", 1)]
    assert client.files() == []


@scenario
def a_role_is_verified_by_the_edge_that_led_to_it(client, repo):
    client.init()
    repo.delegate("targets", "A", ["x/*"])
    repo.delegate("targets", "B", ["y/*"])
    repo.delegate("A", "C", ["x/*"])
    # B trusts C with another key, which has not signed it.
    repo.delegate("B", "C", ["y/*"])
    repo.signers["C"].pop()
    repo.add_artifact("x/file", b"x", "C")
    repo.add_artifact("y/file", b"y", "C")
    repo.publish(["A", "B", "C"] + ONLINE)
    assert client.download("x/file") == 0
    assert client.download("y/file") == 1
    assert client.download("x/file", "y/file") == 1
    assert client.files() == [b"x"]


@scenario
def delegated_roles_are_fetched_once_for_several_targets(client, repo):
    client.init()
    repo.delegate("targets", "A", ["x/*"])
    repo.add_artifact("x/1", b"1", "A")
    repo.add_artifact("x/2", b"2", "A")
    repo.publish(["A"] + ONLINE)
    assert client.download("x/1", "x/2") == 0
    assert repo.requests[4:] == [("A", 1)]
    assert [path for path, _ in repo.downloads] == ["x/1", "x/2"]


@scenario
def the_first_failure_ends_a_download_of_several(client, repo):
    client.init()
    for name in "ac":
        repo.add_artifact(name, name.encode())
    repo.publish(ONLINE)
    assert client.download("a", "b", "c") == 1
    assert client.files() == [b"a"]


@scenario
def hashed_bins_hold_targets(client, repo):
    client.init()
    bins = repo.delegate_bins(5, "bin")
    path = "some/path"
    chosen = repo.targets.delegations.succinct_roles.get_role_for_target(path)
    repo.add_artifact(path, b"content", chosen)
    repo.publish(bins + ONLINE)
    assert client.download(path) == 0
    assert repo.requests[4:] == [(chosen, 1)]


@scenario
def digest_prefixes_hold_targets(client, repo):
    import hashlib

    client.init()
    path = "some/path"
    digest = hashlib.sha256(path.encode()).hexdigest()
    repo.delegate("targets", "A", prefixes=[digest[:1] + "zz"])
    repo.delegate("targets", "B", prefixes=["xx", digest[:2]])
    repo.add_artifact(path, b"content", "B")
    repo.publish(["A", "B"] + ONLINE)
    assert client.download(path) == 0
    assert repo.requests[4:] == [("B", 1)]


@scenario
def a_long_chain_of_delegations_ends(client, repo):
    client.init()
    names = ["targets"] + [f"role{number}" for number in range(40)]
    for delegator, role in zip(names, names[1:]):
        repo.delegate(delegator, role)
    repo.add_artifact("file", b"content", names[-1])
    repo.publish(names[1:] + ONLINE)
    assert client.download("file") == 1
    assert len(repo.requests[4:]) == 32


@each(["?", "#", "/delegated", "../delegated", "..", ".", "a b", "é", "%2e", "\x01", "x" * 300, "a.b", "1.root"])
def odd_role_names_stay_in_the_folder(client, repo, role):
    client.init()
    repo.delegate("targets", role)
    repo.publish([role] + ONLINE)
    assert client.download("missing") == 1
    assert (encoded(role), 1) in repo.requests
    assert len(client.roles()) == 5


@each(["root", "timestamp", "snapshot", "targets", ""])
def a_delegation_may_not_take_a_top_level_name(client, repo, role):
    client.init()
    repo.delegate("targets", "innocent")
    repo.publish(["innocent"] + ONLINE)

    def rename(document):
        document["signed"]["delegations"]["roles"][0]["name"] = role
        payload = encode_canonical(document["signed"]).encode()
        document["signatures"] = [{"keyid": s.public_key.keyid, "sig": s.sign(payload).signature} for s in repo.signers["targets"]]

    edit_last(repo, "targets", rename)
    assert client.refresh() == 1
    assert "targets" not in client.roles()


# Targets


@each(["file", "path/to/a/file", "a b", "é", "a?b#c", ".hidden", "x" * 300, "a%2fb", "a+b", "quote'\"", "(1),;=@!"])
def targets_are_downloaded_once(client, repo, path):
    client.init()
    repo.add_artifact(path, b"content")
    repo.publish(ONLINE)
    assert client.download(path) == 0
    assert client.download(path) == 0
    assert [target for target, _ in repo.downloads] == [path]
    assert client.files() == [b"content"]


@each(["../evil", "/etc/evil", "..", "a/../../evil"])
def target_paths_never_reach_the_file_system(client, repo, path):
    import os

    client.init()
    repo.add_artifact(path, b"content")
    repo.publish(ONLINE)
    client.download(path)
    outside = [name for name in os.listdir(client.folder.name) if name not in ("metadata", "targets", "root")]
    assert outside == []
    assert client.files() in ([], [b"content"])


@scenario
def substituted_targets_are_not_kept(client, repo):
    client.init()
    repo.add_artifact("a", b"target a")
    repo.add_artifact("b", b"target b")
    repo.publish(ONLINE)
    assert client.download("a") == 0
    repo.artifacts["a"] = repo.artifacts["b"] = b"evil one"
    client.download("a")
    assert client.download("b") == 1
    repo.artifacts["b"] = b"much too long for what metadata says of it"
    assert client.download("b") == 1
    repo.artifacts["b"] = b"short"
    assert client.download("b") == 1
    assert client.files() == [b"target a"]


@scenario
def changed_targets_keep_their_file(client, repo):
    client.init()
    for number in range(4):
        repo.add_artifact("file", f"content {number}".encode())
        repo.publish(ONLINE)
        assert client.download("file") == 0
        assert client.files() == [f"content {number}".encode()]


@each([("sha256",), ("sha512",), ("sha256", "sha512"), ("sha384",)])
def each_digest_is_checked(client, repo, hashes):
    repo.add_artifact("file", b"content", hashes=hashes)
    repo.publish(ONLINE)
    client.init()
    assert client.download("file") == 0
    assert repo.downloads[0][1] in repo.targets.targets["file"].hashes.values()
    for name in hashes:
        repo.add_artifact("file", b"content 2", hashes=hashes)
        digest = repo.targets.targets["file"].hashes[name]
        repo.targets.targets["file"].hashes[name] = ("0" if digest[0] != "0" else "1") + digest[1:]
        repo.publish(ONLINE)
        assert client.download("file") == 1
    assert client.files() == [b"content"]


@scenario
def a_target_without_a_known_digest_is_refused(client, repo):
    target = TargetFile.from_data("file", b"content", ["sha512"])
    target.hashes = {"unknown": target.hashes["sha512"]}
    repo.targets.targets["file"] = target
    repo.artifacts["file"] = b"content"
    repo.publish(ONLINE)
    client.init()
    assert client.download("file") == 1
    assert client.files() == []


# Damage


@each([b"", b"{", b"[]", b"null", b"\xff", b"\xef\xbb\xbf{}", b"{}" * 10, b'{"signed":1,"signatures":[]}', b"[" * 100000])
def nonsense_ends_with_one(client, repo, data):
    for role in ["timestamp", "snapshot", "targets", "root"]:
        client.init()
        saved = repo.published[role]
        repo.published[role] = saved + [data] if role == "root" else saved[:-1] + [data]
        assert client.refresh() == 1, role
        repo.published[role] = saved


@each(["timestamp", "snapshot", "targets", "root"])
def damaged_local_files_are_fetched_again(client, repo, role):
    import os

    client.init()
    assert client.refresh() == 0
    with open(os.path.join(client.metadata, role + ".json"), "wb") as file:
        file.write(b'{"signed": {}, "signatures": []}')
    assert client.refresh() == 0
    assert client.stored(role) == repo.published[role][-1]


@each(["--now", "--nonsense", "refresh", ""])
def wrong_usage_ends_with_one(client, repo, word):
    import subprocess

    for words in ([word], ["--metadata-dir", client.metadata, word], ["--metadata-dir"], []):
        result = subprocess.run([client.tool, *words], capture_output=True)
        assert result.returncode == 1 and result.stderr


def main():
    tool, names = sys.argv[1], sys.argv[2:]
    failures = 0
    for function in SCENARIOS:
        if names and not any(name in function.__name__ for name in names):
            continue
        client = Client(tool, Repository())
        try:
            function(client, client.repository)
            print("ok  ", function.__name__)
        except Exception:
            failures += 1
            print("FAIL", function.__name__, client.reason.strip())
            traceback.print_exc(file=sys.stdout)
        finally:
            client.close()
    print(f"{len(SCENARIOS)} scenarios, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
