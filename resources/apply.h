// The names of kube/ssa, as this layer uses them.
#pragma once

#include "kube/ssa/create.h"
#include "kube/ssa/owned_part.h"
#include "kube/ssa/replaced.h"
#include "kube/ssa/update.h"

namespace resources {

using ssa::CreateOrAdopt;
using ssa::CreateResult;
using ssa::EarlierManagers;
using ssa::ExplainIfReplaced;
using ssa::Found;
using ssa::GiveUp;
using ssa::IsHandEdit;
using ssa::IsWhatCreateMade;
using ssa::JudgeExisting;
using ssa::kAdoptable;
using ssa::MayBeOfCreate;
using ssa::OwnedPart;
using ssa::RefusedConflicts;
using ssa::ReplacedStatus;
using ssa::SameObject;
using ssa::UpdateOwned;
using ssa::UpdateRules;
using ssa::WriteTime;

}  // namespace resources
