#include "resources/operator/private_data.h"

namespace resources {

std::string RecordedUid(const base::Json& private_data,
                        const std::string& key) {
  const auto uids = private_data.find(kUids);
  return uids == private_data.end() || !uids->is_object()
             ? ""
             : uids->value(key, "");
}

}  // namespace resources
