// How FakeClient's objects change and who owns what in them. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace support {

// Of each "manager|operation": the leaves that it owns, as JSON pointers.
using Owners = std::map<std::string, std::set<std::string>>;

// What a manager can own of `object`. Arrays and empty objects are leaves.
std::map<std::string, base::Json> LeavesOf(const base::Json& object);

// fieldsV1 of those leaves.
base::Json FieldsOf(const std::set<std::string>& pointers);

// The inverse of FieldsOf() for each entry of `managed_fields`.
Owners OwnersOf(const base::Json& managed_fields);

struct MergeResult {
  base::Json object;
  Owners owners;
  base::Json conflicts = base::Json::array();  // Causes of a 409.
};

// `manager` applies `body` onto `live` (null if there is none), by force. The
// conflicts say what had to be forced.
MergeResult ServerSideApply(const base::Json& live, const Owners& owners,
                            const base::Json& body, absl::string_view manager);

// "a=b,c=d"; field selectors take metadata.name and the like.
bool MatchesLabels(const base::Json& object, const std::string& selector);
bool MatchesFields(const base::Json& object, const std::string& selector);

}  // namespace support
