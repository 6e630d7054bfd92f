#include "resources/connection/look_context.h"

namespace resources {

base::Context LookContext(const base::Context& parent) {
  return parent.WithTimeout(kLookLimit).WithoutRetries();
}

base::Context ReadContext(const base::Context& parent) {
  return parent.WithTimeout(kReadLimit);
}

}  // namespace resources
