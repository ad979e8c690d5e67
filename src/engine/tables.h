// Tables: the handles of engines, entities, snapshots, receipts, output lists and questions, one
// table a process.
//
// Threads:    any.
// Invariants: never destroyed, since a handle may be released while the process ends. An entity or
//             a list lives as long as its handle; an engine, a snapshot or a question has other
//             users beside.
// Cost:       as HandleTable.
#ifndef ACTORCORE_ENGINE_TABLES_H_
#define ACTORCORE_ENGINE_TABLES_H_

#include "base/handle_table.h"
#include "base/status.h"
#include "snapshot/receipt.h"
#include "snapshot/snapshot.h"

namespace actorcore::engine {

class Engine;
class Entity;
class OutputList;
class Question;

using EngineTable = HandleTable<Engine, HandleKind::engine>;
using EntityTable = HandleTable<Entity, HandleKind::entity>;
using OutputTable = HandleTable<OutputList, HandleKind::outputs>;
using QuestionTable = HandleTable<Question, HandleKind::query>;
using ReceiptTable = HandleTable<const snapshot::Receipt, HandleKind::receipt>;
using SnapshotTable = HandleTable<const snapshot::Snapshot, HandleKind::snapshot>;

EngineTable& engines();
EntityTable& entities();
OutputTable& output_lists();
QuestionTable& questions();
ReceiptTable& receipts();
SnapshotTable& snapshots();

// Where a table is full.
inline Error no_handle_left() {
  return Error(AC_E_LIMIT, "no handle is left; release some of what you hold");
}

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_TABLES_H_
