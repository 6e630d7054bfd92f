#include "wandb/chart/sizes.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "wandb/chart/catalogue.h"

namespace wandb {
namespace {

// The charts whose values are those of the table, first and last.
constexpr absl::string_view kFirst = "0.35.3";
constexpr absl::string_view kLast = "0.43.9";

struct SizeRow {
  absl::string_view component;
  absl::string_view sizes;  // "a|b".
  absl::string_view cpu_request;
  absl::string_view memory_request;
  absl::string_view cpu_limit;
  absl::string_view memory_limit;
};

constexpr SizeRow kSizes[] = {
    {"app", "small", "1", "2Gi", "2", "4Gi"},
    {"app", "medium|large|xlarge|xxlarge", "4", "8Gi", "4", "8Gi"},
    {"weave", "small", "1", "8Gi", "4", "16Gi"},
    {"weave", "medium", "2", "24Gi", "4", "32Gi"},
    {"weave", "large|xlarge", "3", "24Gi", "4", "32Gi"},
    {"weave", "xxlarge", "3", "48Gi", "4", "64Gi"},
    {"parquet", "small", "1", "8Gi", "4", "16Gi"},
    {"parquet", "medium|large|xlarge|xxlarge", "15", "64Gi", "15", "64Gi"},
    {"executor", "small", "1", "8Gi", "4", "16Gi"},
    {"executor", "medium|large", "6", "32Gi", "6", "32Gi"},
    {"executor", "xlarge", "10", "80Gi", "10", "80Gi"},
    {"executor", "xxlarge", "10", "96Gi", "10", "96Gi"},
    {"api", "small", "1", "2Gi", "4", "8Gi"},
    {"api", "medium|large|xlarge|xxlarge", "6", "16Gi", "6", "16Gi"},
    {"glue", "small", "1", "2Gi", "2", "6Gi"},
    {"glue", "medium|large|xlarge|xxlarge", "3", "6Gi", "4", "8Gi"},
    {"frontend", "small|medium|large|xlarge|xxlarge", "1", "1Gi", "2", "2Gi"},
    {"filestream", "small|medium", "1", "2Gi", "2", "4Gi"},
    {"filestream", "large|xlarge|xxlarge", "3", "6Gi", "4", "8Gi"},
};

bool IsOf(const SizeRow& row, absl::string_view component,
          absl::string_view size) {
  const std::vector<absl::string_view> sizes = absl::StrSplit(row.sizes, '|');
  return row.component == component &&
         std::find(sizes.begin(), sizes.end(), size) != sizes.end();
}

}  // namespace

absl::string_view SizeResource(absl::string_view version,
                               absl::string_view component,
                               absl::string_view size, absl::string_view side,
                               absl::string_view what) {
  if (CompareVersions(version, kFirst).value_or(-1) < 0 ||
      CompareVersions(version, kLast).value_or(1) > 0) {
    return "";
  }
  const auto* const row = std::find_if(
      std::begin(kSizes), std::end(kSizes),
      [&](const SizeRow& each) { return IsOf(each, component, size); });
  if (row == std::end(kSizes)) return "";
  const bool request = side == "requests";
  if (what == "cpu") return request ? row->cpu_request : row->cpu_limit;
  if (what == "memory") {
    return request ? row->memory_request : row->memory_limit;
  }
  return "";
}

}  // namespace wandb
