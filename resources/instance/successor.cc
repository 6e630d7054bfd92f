#include "resources/instance/successor.h"

#include "absl/strings/str_cat.h"
#include "resources/holder.h"
#include "resources/report.h"

namespace resources {

std::string AdviceOnSuccessor(const base::Json& live,
                              const InstanceModel& model,
                              const std::string& manager) {
  const Holder holder = HolderOf(live, manager);
  return absl::StrCat(
      "The new one ", holder.known ? "" : "was ", holder.text,
      ", and is left as it is.\n\nTo manage it here, take this resource out of "
      "the state (\"tofu state rm\" or \"terraform state rm\"), and then "
      "import it:\n\n",
      ImportBlock("wandb_instance", IdOf(model)),
      "\n\nTo leave it as it is, take this resource out of the configuration, "
      "and let the state forget it:\n\n",
      RemovedBlock("wandb_instance"),
      holder.known ? ""
                   : "\n\nIf nobody needs it, delete it: the next apply makes "
                     "an instance of its own.");
}

}  // namespace resources
