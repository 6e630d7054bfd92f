// Files of values, and of layers of a specification, for the commands.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "wandb/spec/spec.h"

namespace app {

// Reads files as JSON or YAML. Errors and notes name the file; what is in it
// they never quote.
class LayerFiles {
 public:
  // Both outlive this. `in` is the file "-", which can be read once.
  LayerFiles(std::istream& in, std::ostream& notes) : in_(in), notes_(notes) {}

  // `path`, or "standard input" for "-".
  static std::string NameOf(const std::string& path);

  // All that it says. kInvalidArgument for integers that a double cannot hold,
  // too: Helm and the operator would change them; and for a whole manifest.
  absl::StatusOr<base::Json> ReadValues(const std::string& path);

  // {chart, values, metadata}, or the values alone. Keys of values that nobody
  // reads are noted: they may be one of the three, mistyped.
  absl::StatusOr<wandb::SpecLayer> ReadLayer(const std::string& path);

  // Also takes a whole WeightsAndBiases manifest.
  absl::StatusOr<wandb::SpecLayer> ReadOwnLayer(const std::string& path);

  // A chart: {url, name, version} and so on, or a version alone, for which see
  // wandb::CompleteChart(). Others of its keys than those that the operator
  // reads are refused.
  absl::StatusOr<base::Json> ReadChart(const std::string& path);

 private:
  absl::StatusOr<std::string> ReadText(const std::string& path);
  absl::StatusOr<base::Json> ReadTree(const std::string& path);
  absl::StatusOr<wandb::SpecLayer> LayerOf(base::Json tree,
                                           const std::string& name);

  std::istream& in_;
  std::ostream& notes_;
  bool in_was_read_ = false;
};

}  // namespace app
