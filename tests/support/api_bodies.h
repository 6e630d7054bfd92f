// What an API server answers about ConfigMap "x" in namespace "ns", as text.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace support {

// `metadata` are more members of it, with a comma before each.
inline std::string ConfigMapItem(absl::string_view name = "x",
                                 absl::string_view metadata = "") {
  return absl::StrCat(R"({"metadata":{"name":")", name,
                      R"(","namespace":"ns","uid":"u")", metadata, "}}");
}

inline std::string ConfigMapBody(absl::string_view metadata = "",
                                 absl::string_view name = "x") {
  return absl::StrCat(R"({"kind":"ConfigMap","apiVersion":"v1",)",
                      ConfigMapItem(name, metadata).substr(1));
}

// `items` with commas between them; `metadata` without.
inline std::string ConfigMapListBody(absl::string_view items,
                                     absl::string_view metadata = "") {
  return absl::StrCat(
      R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":{)", metadata,
      R"(},"items":[)", items, "]}");
}

// A line of a watch.
inline std::string ConfigMapEvent(absl::string_view type,
                                  absl::string_view version) {
  return absl::StrCat(
      R"({"type":")", type, R"(","object":)",
      ConfigMapBody(absl::StrCat(R"(,"resourceVersion":")", version, "\"")),
      "}\n");
}

}  // namespace support
