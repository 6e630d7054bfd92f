#include "resources/instance/holders.h"

#include "gtest/gtest.h"

namespace resources {
namespace {

base::Json Live() {
  return *base::ParseJson(R"({
    "kind": "WeightsAndBiases",
    "metadata": {
      "finalizers": ["finalizer.app.wandb.com", "example.com/hold", "x/y"],
      "managedFields": [
        {"manager": "kubectl-edit", "operation": "Update",
         "time": "2026-01-01T00:00:00Z", "fieldsV1": {
           "f:metadata": {"f:finalizers": {".": {},
                                           "v:\"example.com/hold\"": {}}},
           "f:spec": {"f:values": {"f:app": {"f:image": {}}}}}},
        {"manager": "argocd", "operation": "Apply", "fieldsV1": {
           "f:spec": {"f:values": {"f:app": {}, "f:apple": {}}}}},
        {"manager": "operator", "operation": "Update", "subresource": "status",
         "time": "2026-01-02T00:00:00Z", "fieldsV1": {
           "f:metadata": {"f:finalizers": {
             "v:\"finalizer.app.wandb.com\"": {}}}}}]}})",
                          "test");
}

TEST(HoldersTest, OfAFieldAreThoseOfWhatIsAroundAndBelowIt) {
  const std::string editor =
      "\"kubectl-edit\" (Update) at 2026-01-01T00:00:00Z";
  EXPECT_EQ(HoldersOf(Live(), ".spec.values.app"),
            editor + " and \"argocd\" (Apply)");
  EXPECT_EQ(HoldersOf(Live(), ".spec.values.app", "argocd"), editor);
  // Argo CD's is one value, whatever is in it.
  EXPECT_EQ(HoldersOf(Live(), ".spec.values.app.other"), "\"argocd\" (Apply)");
  EXPECT_EQ(HoldersOf(Live(), ".spec.values.appl"), "");
}

TEST(HoldersTest, OfFinalizersAreNamedButForTheOperatorsOwn) {
  EXPECT_EQ(ForeignFinalizers(Live()),
            "  example.com/hold, set by field manager \"kubectl-edit\" "
            "(Update) at 2026-01-01T00:00:00Z\n"
            "  x/y, set by nobody whom Kubernetes remembers");
  EXPECT_EQ(ForeignFinalizers(base::Json::object()), "");
}

}  // namespace
}  // namespace resources
