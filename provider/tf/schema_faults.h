// What core, or this library, cannot do with a schema. A schema is code: its
// faults are found by a unit test, and by debug builds when they start.
#pragma once

#include <string>
#include <vector>

#include "provider/tf/schema.h"

namespace tf {

enum class SchemaKind { kProvider, kResource, kDataSource };

// What is wrong with `schema`, one entry each that starts with the path; empty
// when nothing is. Rules: configschema's InternalValidate of both cores
// (protocol 6, "schema rules"), reserved names, write-only attributes where
// none may be, any-typed parts inside of collections, and defaults that no plan
// would ever apply.
std::vector<std::string> SchemaFaults(const Schema& schema, SchemaKind kind);

}  // namespace tf
