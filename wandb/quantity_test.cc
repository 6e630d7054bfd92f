#include "wandb/quantity.h"

#include "gtest/gtest.h"

namespace wandb {
namespace {

TEST(QuantityTest, IsANumberWithASuffixOfKubernetes) {
  for (const char* text : {"1", "0.5", ".5", "2.", "+1", "-1", "500m", "8Gi",
                           "8G", "1e3", "1E3", "1e-3", "2E", "100k", "3Ki"}) {
    EXPECT_TRUE(IsQuantity(text)) << text;
  }
  for (const char* text : {"", "Gi", "16GB", "16 Gi", "16gb", "1K", "1,5", "1e",
                           "0x10", "1Gi ", "half", "1mi", "."}) {
    EXPECT_FALSE(IsQuantity(text)) << text;
  }
}

}  // namespace
}  // namespace wandb
