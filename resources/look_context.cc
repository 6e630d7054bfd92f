#include "resources/look_context.h"

namespace resources {

base::Context LookContext(const base::Context& parent) {
  return parent.WithTimeout(kLookLimit).WithoutRetries();
}

}  // namespace resources
