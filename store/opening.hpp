#pragma once
#include "protocol/error.hpp"
#include "store/core.hpp"
#include "store/outbox.hpp"
#include "store/recovery.hpp"

namespace tickcast::store {

/// Opens the database of core::with and brings core to what it holds: symbols and the states of their series,
/// cancels and corrections, holes, where the journal stands. Rows that were in no block yet become blocks.
/// `go_on`: whoever appended to it may take up what it left there; otherwise checkpoints, offsets and the
/// journal are deleted, because others have come into being meanwhile.
///
/// Thread: who holds core::writing. Error: storage, and nothing has changed.
protocol::expected<void> open_database(core& of, outbox& way, bool go_on);

/// The same for who reads alone: nothing is written, rows of the journal stay in memory. What another process
/// writes later is not seen. Error: storage.
protocol::expected<void> open_database_to_read(core& of);

/// What the database holds for producers. Error: storage.
protocol::expected<recovery> read_recovery(const core& of);

}  // namespace tickcast::store
