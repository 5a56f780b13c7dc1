package import Instar

extension StoreStatus {
    /// The members of the JSON object.
    package var members: [(String, JSON)] {
        [
            ("active", active?.json ?? .null), ("previous", previous?.json ?? .null), ("pending", pending?.json ?? .null),
            (
                "trial",
                trial.map { trial in
                    .object([
                        ("generation", JSON(trial.generation)), ("openStarts", JSON(trial.openStarts)),
                        ("endedStarts", JSON(trial.endedStarts)), ("crashes", JSON(trial.crashes)), ("allowed", JSON(trial.allowed)),
                    ])
                } ?? .null
            ),
            ("banned", .array(banned.map(\.json))), ("generations", .array(generations.map(\.json))), ("channel", .string(channel)),
        ]
    }
}

extension StoreStatus.Entry {
    fileprivate var json: JSON {
        .object([
            ("version", .string(release.version)), ("digest", .string(release.digest)), ("sequence", JSON(release.sequence)),
            ("generation", JSON(generation)), ("path", .string(path)), ("confirmed", JSON(isConfirmed)), ("files", JSON(files)),
            ("size", JSON(size)), ("written", JSON(written)),
        ])
    }
}

extension StoreStatus.Ban {
    fileprivate var json: JSON {
        .object([("version", .string(version)), ("digest", .string(digest)), ("reason", .string(reason)), ("time", JSON(time))])
    }
}

extension StoreUsage {
    /// As a JSON object.
    package var json: JSON {
        .object([
            (
                "unfinished",
                unfinished.map { .object([("digest", .string($0.digest)), ("bytes", JSON($0.bytes))]) } ?? .null
            ), ("bytes", JSON(total)), ("collectable", .array(collectable.map { JSON($0) })), ("freed", JSON(freed)),
            (
                "generations",
                .array(
                    shares.map { share in
                        .object([("generation", JSON(share.generation)), ("own", JSON(share.own)), ("shared", JSON(share.shared))])
                    })
            ),
        ])
    }
}
