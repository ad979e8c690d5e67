#include "engine/tables.h"

namespace actorcore::engine {

EngineTable& engines() {
  static EngineTable& table = *new EngineTable;
  return table;
}

EntityTable& entities() {
  static EntityTable& table = *new EntityTable;
  return table;
}

OutputTable& output_lists() {
  static OutputTable& table = *new OutputTable;
  return table;
}

QuestionTable& questions() {
  static QuestionTable& table = *new QuestionTable;
  return table;
}

ReceiptTable& receipts() {
  static ReceiptTable& table = *new ReceiptTable;
  return table;
}

SnapshotTable& snapshots() {
  static SnapshotTable& table = *new SnapshotTable;
  return table;
}

}  // namespace actorcore::engine
