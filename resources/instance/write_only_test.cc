// Secrets that Terraform never keeps: the write-only settings.
#include "resources/instance/write_only.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "provider/cty/codec.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class WriteOnlyTest : public InstanceTest {
 protected:
  cty::Value Group(const std::string& name, Fields fields) const {
    return cty::Value::ObjectOf(
        resource_->schema().ImpliedType().attributes().at(name),
        std::move(fields));
  }
  cty::Value Mysql(Fields fields) const {
    fields.emplace("host", Str("db.test"));
    return Group("mysql", std::move(fields));
  }
  // A configuration with a license and a password of `text`.
  cty::Value With(const std::string& text, int64_t version,
                  Fields more = {}) const {
    more.emplace("wait", Flag(false));
    more.emplace("license_wo", Str(absl::StrCat("license-", text)));
    more.emplace(
        "mysql",
        Mysql({{"password_wo", Str(absl::StrCat("password-", text))}}));
    more.emplace("secrets_wo_version", Int(version));
    return Make(std::move(more));
  }
  tf::RawApply Created(const cty::Value& config) const {
    tf::RawApply call = Change(Nothing(), config);
    EXPECT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
    return call;
  }
  static kube::ObjectRef SecretOf(const std::string& ns = "default") {
    return kube::SecretRef(ns, "wandb-terraform-secrets");
  }
  // What the Secret has, in clear text.
  Json Kept() const {
    Json out = Json::object();
    const Json secret = client_->Stored(SecretOf());
    if (secret.is_null()) return out;
    for (const auto& [key, value] : secret["data"].items()) {
      std::string text;
      EXPECT_TRUE(absl::Base64Unescape(value.get<std::string>(), &text));
      out[key] = text;
    }
    return out;
  }
  static std::string TextOf(const cty::Value& value) {
    return cty::EncodeMsgpack(value, value.type()).value_or("?");
  }
  static std::string Errors(const tf::Diagnostics& diags) {
    std::string out;
    for (const tf::Diagnostic& each : diags.items()) {
      absl::StrAppend(&out, each.path.has_value() ? each.path->ToString() : "",
                      ": ", each.summary, ": ", each.detail, "\n");
    }
    return out;
  }
};

TEST_F(WriteOnlyTest, AreKeptInASecretToWhichTheValuesRefer) {
  const cty::Value config = With("canary", 1);
  const tf::RawPlan plan = Plan(Nothing(), config);
  ASSERT_FALSE(plan.diags.HasError()) << Errors(plan.diags);
  EXPECT_EQ(plan.planned.At("secrets_wo"),
            cty::Value::List(kString, {Str("license"), Str("mysql.password")}));
  EXPECT_EQ(plan.planned.At("configured_values").At("global.licenseSecret.key"),
            Str("license"));
  const tf::RawApply call = Apply(Nothing(), config, plan);
  ASSERT_FALSE(call.diags.HasError()) << Errors(call.diags);
  const Json live = client_->Stored(Ref());
  EXPECT_EQ(live["spec"]["values"]["global"],
            Json({{"licenseSecret",
                   {{"name", "wandb-terraform-secrets"}, {"key", "license"}}},
                  {"mysql",
                   {{"host", "db.test"},
                    {"passwordSecret",
                     {{"name", "wandb-terraform-secrets"},
                      {"passwordKey", "mysql_password"}}}}}}));
  EXPECT_EQ(Kept(), Json({{"license", "license-canary"},
                          {"mysql_password", "password-canary"}}));
  const Json metadata = client_->Stored(SecretOf())["metadata"];
  EXPECT_EQ(metadata["ownerReferences"][0]["uid"], kube::UidOf(live));
  EXPECT_EQ(metadata["annotations"]["terraform.wandb.ai/owner"],
            "WeightsAndBiases/default/wandb");
  EXPECT_EQ(call.state.At("secrets_wo_version"), Int(1));
  for (const std::string& kept :
       {TextOf(plan.planned), plan.private_data.dump(), TextOf(call.state),
        call.private_data.dump(), live.dump(), Errors(plan.diags),
        Errors(call.diags)}) {
    EXPECT_THAT(kept, Not(HasSubstr("canary")));
  }
  const tf::RawPlan second = Plan(call.state, config, call.private_data);
  EXPECT_EQ(second.planned, call.state);
}

TEST_F(WriteOnlyTest, AVersionWritesTheSecretAndNothingElse) {
  const tf::RawApply first = Created(With("one", 1));
  const Json before = client_->Stored(Ref());
  const tf::RawApply second =
      Change(first.state, With("two", 2), first.private_data);
  ASSERT_FALSE(second.diags.HasError()) << Errors(second.diags);
  EXPECT_EQ(Kept()["license"], "license-two");
  EXPECT_EQ(client_->Stored(Ref())["spec"], before["spec"]);
  EXPECT_EQ(client_->Stored(Ref())["metadata"]["generation"],
            before["metadata"]["generation"]);
  EXPECT_EQ(second.state.At("secrets_wo_version"), Int(2));
}

TEST_F(WriteOnlyTest, EveryWriteSendsThem) {
  const tf::RawApply first = Created(With("one", 1));
  client_->Put(SecretOf(), [&] {
    Json secret = client_->Stored(SecretOf());
    secret["data"]["license"] = absl::Base64Escape("by hand");
    return secret;
  }());
  const cty::Value config = With("one", 1, {{"host", Str("https://w.test")}});
  const tf::RawApply second = Change(first.state, config, first.private_data);
  ASSERT_FALSE(second.diags.HasError()) << Errors(second.diags);
  EXPECT_EQ(Kept()["license"], "license-one");
  // Without a change nothing is sent.
  client_->ClearCalls();
  EXPECT_EQ(Plan(second.state, config, second.private_data).planned,
            second.state);
}

TEST_F(WriteOnlyTest, WhatIsNotSetAnyMoreIsTakenOut) {
  const tf::RawApply first = Created(With("one", 1));
  const cty::Value fewer =
      Make({{"wait", Flag(false)},
            {"mysql", Mysql({{"password_wo", Str("password-one")}})},
            {"secrets_wo_version", Int(1)}});
  const tf::RawApply second = Change(first.state, fewer, first.private_data);
  ASSERT_FALSE(second.diags.HasError()) << Errors(second.diags);
  EXPECT_EQ(Kept(), Json({{"mysql_password", "password-one"}}));
  EXPECT_FALSE(client_->Stored(Ref())["spec"]["values"]["global"].contains(
      "licenseSecret"));
  const cty::Value none = Make({{"wait", Flag(false)}, {"mysql", Mysql({})}});
  const tf::RawApply third = Change(second.state, none, second.private_data);
  ASSERT_FALSE(third.diags.HasError()) << Errors(third.diags);
  EXPECT_TRUE(client_->Stored(SecretOf()).is_null());
  EXPECT_TRUE(third.state.At("secrets_wo").IsNull());
}

TEST_F(WriteOnlyTest, ARefreshMissesWhatIsGone) {
  const cty::Value config = With("one", 1);
  const tf::RawApply first = Created(config);
  EXPECT_EQ(
      Read(first.state, first.private_data).state.At("secrets_wo_version"),
      Int(1));
  const auto lost = [&] {
    const tf::RawRead read = Read(first.state, first.private_data);
    EXPECT_TRUE(read.state.At("secrets_wo_version").IsNull());
    EXPECT_THAT(Errors(read.diags), HasSubstr("are not as they were written"));
    const tf::RawApply again = Change(read.state, config, read.private_data);
    EXPECT_FALSE(again.diags.HasError()) << Errors(again.diags);
    EXPECT_EQ(Kept()["license"], "license-one");
    return Errors(read.diags);
  };
  Json secret = client_->Stored(SecretOf());
  secret["data"].erase("license");
  client_->Put(SecretOf(), secret);
  EXPECT_THAT(lost(), AllOf(HasSubstr("license"), Not(HasSubstr("mysql"))));
  client_->Remove(SecretOf());
  EXPECT_THAT(lost(), HasSubstr("license, mysql.password"));
  // Who may not look is told nothing.
  client_->FailAlways(SecretOf(), absl::PermissionDeniedError("no"));
  EXPECT_EQ(
      Read(first.state, first.private_data).state.At("secrets_wo_version"),
      Int(1));
}

TEST_F(WriteOnlyTest, SomebodyElsesSecretIsLeftAlone) {
  client_->Put(SecretOf(), {{"kind", "Secret"}, {"data", {{"x", "eA=="}}}});
  const tf::RawApply call = Change(Nothing(), With("canary", 1));
  EXPECT_TRUE(call.diags.HasError());
  EXPECT_THAT(Errors(call.diags),
              AllOf(HasSubstr("is not that of this instance"),
                    Not(HasSubstr("canary"))));
  EXPECT_EQ(client_->Stored(SecretOf())["data"], Json({{"x", "eA=="}}));
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  EXPECT_TRUE(call.state.IsNull());
}

TEST_F(WriteOnlyTest, WithoutTheRightNothingIsMade) {
  client_->FailAlways(SecretOf(), absl::PermissionDeniedError("no secrets"));
  const tf::RawApply call = Change(Nothing(), With("canary", 1));
  EXPECT_THAT(
      Errors(call.diags),
      HasSubstr("Cannot keep the write-only settings of default/wandb"));
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  EXPECT_TRUE(call.state.IsNull());
}

TEST_F(WriteOnlyTest, WhatKeepsTheSecretFromBeingWrittenIsToldByThePlan) {
  const auto said = [this] {
    const tf::RawPlan plan = Plan(Nothing(), With("canary", 1));
    EXPECT_FALSE(plan.diags.HasError());
    return Errors(plan.diags);
  };
  EXPECT_THAT(said(), Not(HasSubstr("write-only settings")));
  client_->Put(SecretOf(), {{"kind", "Secret"}, {"data", {{"x", "eA=="}}}});
  EXPECT_THAT(said(), AllOf(HasSubstr("Apply will fail: it cannot keep the "
                                      "write-only settings of default/wandb"),
                            HasSubstr("is not that of this instance"),
                            Not(HasSubstr("canary"))));
  client_->FailAlways(SecretOf(), absl::PermissionDeniedError("no secrets"));
  EXPECT_THAT(said(), HasSubstr("resourceNames: [wandb-terraform-secrets], "
                                "verbs: [get, patch, delete]}"));
  // Nothing is known of a server that does not answer.
  client_->FailAlways(SecretOf(), absl::UnavailableError("away"));
  EXPECT_THAT(said(), Not(HasSubstr("write-only settings")));
}

TEST_F(WriteOnlyTest, WhatCouldNotBeWrittenIsPlannedAgain) {
  const tf::RawApply first = Created(With("one", 1));
  const cty::Value config = With("two", 2, {{"host", Str("https://w.test")}});
  client_->OnWrite([this](const kube::ObjectRef& ref, const Json&) {
    if (ref == Ref()) {
      client_->FailAlways(SecretOf(), absl::UnavailableError("away"));
    }
  });
  const tf::RawApply failed = Change(first.state, config, first.private_data);
  EXPECT_TRUE(failed.diags.HasError());
  EXPECT_TRUE(failed.state.At("secrets_wo_version").IsNull());
  client_->OnWrite(nullptr);
  client_->FailAlways(SecretOf(), absl::OkStatus());
  const tf::RawApply again = Change(failed.state, config, failed.private_data);
  ASSERT_FALSE(again.diags.HasError()) << Errors(again.diags);
  EXPECT_EQ(Kept()["license"], "license-two");
  EXPECT_EQ(again.state.At("secrets_wo_version"), Int(2));
}

TEST_F(WriteOnlyTest, MistakesAreNamed) {
  const auto errors = [this](Fields fields) {
    tf::Diagnostics diags;
    resource_->Validate(Make(std::move(fields)), diags);
    return Errors(diags);
  };
  EXPECT_THAT(errors({{"license_wo", Str("x")}}),
              AllOf(HasSubstr("secrets_wo_version: Missing version"),
                    HasSubstr("`license_wo`")));
  EXPECT_THAT(errors({{"license_wo", UnknownStr()}}),
              HasSubstr("secrets_wo_version"));
  for (const char* nothing : {"", "\n", "\r\n"}) {
    EXPECT_THAT(
        errors({{"license_wo", Str(nothing)}, {"secrets_wo_version", Int(1)}}),
        HasSubstr("license_wo: Invalid setting: `license_wo` is empty"));
  }
  EXPECT_THAT(errors({{"mysql", Mysql({{"password", Str("canary")},
                                       {"password_wo", Str("canary")}})},
                      {"secrets_wo_version", Int(1)}}),
              AllOf(HasSubstr("mysql.password_wo: "), HasSubstr("in place of"),
                    Not(HasSubstr("canary"))));
  EXPECT_THAT(errors({{"license_wo", Str("x")},
                      {"license", UnknownStr()},
                      {"mysql", Mysql({{"password_wo", UnknownStr()},
                                       {"password", Str("x")}})},
                      {"secrets_wo_version", Int(1)}}),
              IsEmpty());
}

TEST_F(WriteOnlyTest, AreHeldToTheRulesOfTheSettingsInWhosePlaceTheyAre) {
  const auto errors = [this](const char* provider, Fields fields) {
    fields.emplace("provider", Str(provider));
    fields.emplace("name", Str("b"));
    tf::Diagnostics diags;
    resource_->Validate(Make({{"bucket", Group("bucket", std::move(fields))},
                              {"secrets_wo_version", Int(1)}}),
                        diags);
    return Errors(diags);
  };
  EXPECT_THAT(errors("s3", {{"access_key_wo", Str("canary")}}),
              AllOf(HasSubstr("has only one of `bucket.access_key_wo` and "
                              "`bucket.secret_key`"),
                    Not(HasSubstr("canary"))));
  EXPECT_THAT(errors("az", {{"secret_key_wo", Str("canary")}}),
              AllOf(HasSubstr("`bucket.secret_key_wo` is not read for Azure"),
                    Not(HasSubstr("canary"))));
  EXPECT_THAT(
      errors("s3", {{"access_key_wo", Str("a")}, {"secret_key_wo", Str("b")}}),
      IsEmpty());
}

TEST_F(WriteOnlyTest, WhatTheChartPutsIntoUrlsIsFoundAndNotShown) {
  const auto plan = [this](const char* password) {
    return Errors(Plan(Nothing(),
                       Make({{"wait", Flag(false)},
                             {"checks", Str("warn")},
                             {"mysql", Mysql({{"password_wo", Str(password)}})},
                             {"secrets_wo_version", Int(1)}}))
                      .diags);
  };
  EXPECT_THAT(
      plan("ca/na#ry\n"),
      AllOf(HasSubstr("mysql.password_wo: "), HasSubstr("(url-password"),
            HasSubstr("(stray-space"), Not(HasSubstr("ca/na#ry"))));
  EXPECT_THAT(plan("canary"), Not(HasSubstr("password_wo")));
}

TEST_F(WriteOnlyTest, AVersionWithoutAnyIsWarnedOf) {
  EXPECT_THAT(Errors(Plan(Nothing(), Make({{"wait", Flag(false)},
                                           {"secrets_wo_version", Int(1)}}))
                         .diags),
              HasSubstr("secrets_wo_version: No write-only setting is set"));
}

TEST_F(WriteOnlyTest, ThoseThatAreNotKnownYetAreWrittenByTheApply) {
  const auto config = [this](cty::Value license) {
    return Make({{"wait", Flag(false)},
                 {"license_wo", std::move(license)},
                 {"secrets_wo_version", Int(1)}});
  };
  const tf::RawPlan plan = Plan(Nothing(), config(UnknownStr()));
  ASSERT_FALSE(plan.diags.HasError()) << Errors(plan.diags);
  EXPECT_THAT(
      Errors(Apply(Nothing(), config(cty::Value::Null(kString)), plan).diags),
      HasSubstr("`license_wo` is null now"));
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  const tf::RawApply call = Apply(Nothing(), config(Str("late")), plan);
  ASSERT_FALSE(call.diags.HasError()) << Errors(call.diags);
  EXPECT_EQ(Kept()["license"], "late");
}

TEST_F(WriteOnlyTest, AGroupThatIsNotKnownYetLeavesOpenWhichThereAre) {
  const cty::Type type =
      resource_->schema().ImpliedType().attributes().at("mysql");
  const auto config = [this](cty::Value mysql) {
    return Make({{"wait", Flag(false)},
                 {"mysql", std::move(mysql)},
                 {"secrets_wo_version", Int(1)}});
  };
  const tf::RawPlan plan = Plan(Nothing(), config(cty::Value::Unknown(type)));
  ASSERT_FALSE(plan.diags.HasError()) << Errors(plan.diags);
  EXPECT_TRUE(plan.planned.At("secrets_wo").IsUnknown());
  // Core plans once more when all is known.
  const tf::RawApply call =
      Created(config(Mysql({{"password_wo", Str("late")}})));
  EXPECT_EQ(Kept(), Json({{"mysql_password", "late"}}));
  EXPECT_EQ(call.state.At("secrets_wo"),
            cty::Value::List(kString, {Str("mysql.password")}));
}

TEST_F(WriteOnlyTest, ADestroyTakesThemAlong) {
  const tf::RawApply first = Created(With("one", 1));
  tf::RawPlan gone;
  gone.planned = Nothing();
  gone.private_data = first.private_data;
  const tf::RawApply call = Apply(first.state, Nothing(), gone);
  EXPECT_FALSE(call.diags.HasError()) << Errors(call.diags);
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  EXPECT_TRUE(client_->Stored(SecretOf()).is_null());
}

TEST_F(WriteOnlyTest, WhatIsNoMoreIsTakenOutWhoeverWroteToIt) {
  const tf::RawApply first = Created(With("one", 1));
  Json edited = client_->Stored(SecretOf());
  edited["data"]["mysql_password"] = "ZWRpdGVk";
  client_->Put(SecretOf(), edited, "kubectl-patch");
  const tf::RawApply call = Change(first.state,
                                   Make({{"wait", Flag(false)},
                                         {"license_wo", Str("license")},
                                         {"secrets_wo_version", Int(2)}}),
                                   first.private_data);
  ASSERT_FALSE(call.diags.HasError()) << Errors(call.diags);
  EXPECT_EQ(Kept(), Json({{"license", "license"}}));
}

TEST_F(WriteOnlyTest, WhatCouldNotBeDeletedIsPlannedAgain) {
  const tf::RawApply first = Created(With("one", 1));
  const cty::Value none = Make({{"wait", Flag(false)}});
  client_->FailNext(
      absl::InvalidArgumentError("data: Forbidden: field is immutable"),
      "DELETE");
  const tf::RawApply failed = Change(first.state, none, first.private_data);
  EXPECT_THAT(Errors(failed.diags),
              AllOf(HasSubstr("Cannot delete the write-only settings of "
                              "default/wandb"),
                    HasSubstr("kubectl delete secret wandb-terraform-secrets "
                              "-n default")));
  EXPECT_FALSE(client_->Stored(SecretOf()).is_null());
  const tf::RawPlan plan = Plan(failed.state, none, failed.private_data);
  EXPECT_FALSE(plan.planned == failed.state);
  const tf::RawApply again = Change(failed.state, none, failed.private_data);
  EXPECT_FALSE(again.diags.HasError()) << Errors(again.diags);
  EXPECT_TRUE(client_->Stored(SecretOf()).is_null());
  EXPECT_TRUE(again.state.At("secrets_wo").IsNull());
}

TEST_F(WriteOnlyTest, ThoseOfAnotherInstanceOfThatNameOutliveADestroy) {
  const tf::RawApply first = Created(With("one", 1));
  Json other = client_->Stored(SecretOf());
  other["metadata"]["ownerReferences"][0]["uid"] = "another";
  client_->Put(SecretOf(), other);
  tf::RawPlan gone;
  gone.planned = Nothing();
  gone.private_data = first.private_data;
  Apply(first.state, Nothing(), gone);
  EXPECT_FALSE(client_->Stored(SecretOf()).is_null());
}

TEST_F(WriteOnlyTest, ASecretThatIsNotTheInstancesAnyMoreIsSaid) {
  const tf::RawApply first = Created(With("one", 1));
  const Json kept = client_->Stored(SecretOf());
  const auto refreshed = [&](Json secret) {
    client_->Put(SecretOf(), std::move(secret));
    const tf::RawRead read = Read(first.state, first.private_data);
    EXPECT_TRUE(read.state.At("secrets_wo_version").IsNull());
    return Errors(read.diags);
  };
  Json secret = kept;
  secret["metadata"].erase("ownerReferences");
  EXPECT_THAT(refreshed(secret), HasSubstr("owner reference"));
  secret = kept;
  secret["metadata"].erase("annotations");
  EXPECT_THAT(refreshed(secret),
              AllOf(HasSubstr("has no annotation terraform.wandb.ai/owner"),
                    HasSubstr("kubectl delete secret")));
}

TEST_F(WriteOnlyTest, ANewlineAtTheEndOfALicenseIsLeftOut) {
  const tf::RawApply call = Created(Make({{"wait", Flag(false)},
                                          {"license_wo", Str("text\n")},
                                          {"secrets_wo_version", Int(1)}}));
  EXPECT_EQ(Kept()["license"], "text");
}

}  // namespace
}  // namespace resources
