#include "wandb/problem.h"

#include "absl/strings/str_cat.h"

namespace wandb {

absl::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

bool IsSetting(const Source& source) {
  return !source.element.has_value() && source.attribute != "values" &&
         source.attribute != "sensitive_values";
}

std::string SourceName(const Source& source) {
  return source.element.has_value()
             ? absl::StrCat(source.attribute, "[", *source.element, "]")
             : source.attribute;
}

}  // namespace wandb
