package actorcore

import "github.com/actorcore/actorcore/bindings/go/internal/raw"

// The library's constants. Each type has String and Valid; its Parse function reads what String writes, and
// the name in C too.
type (
	// Bucket is how a contribution enters its dimension.
	Bucket = raw.Bucket
	// List is which of the two lists a value belongs to.
	List = raw.List
	// CapMode is how a cap bounds its dimension within its layer.
	CapMode = raw.CapMode
	// CapKind is which bound a cap sets.
	CapKind = raw.CapKind
	// Reject is why an output was left out, or a number replaced.
	Reject = raw.Reject
	// About is what an entry of a snapshot's errors is about.
	About = raw.About
	// ExplainFlags is what to explain.
	ExplainFlags = raw.ExplainFlag
	// Step is what a step of a receipt does.
	Step = raw.Step
	// Fold is how a dimension's contributions make its candidate.
	Fold = raw.Fold
	// Across is how the bounds of layers go together.
	Across = raw.Across
	// Bound is which bound a step of a receipt is about.
	Bound = raw.Bound
	// Origin is the call or message that brought an output.
	Origin = raw.Origin
	// Format is how a document is written.
	Format = raw.Format
	// ResolveFlags is how to resolve.
	ResolveFlags = raw.ResolveFlag
	// DeadReason is why an accepted message was not handled.
	DeadReason = raw.Dead
	// ActorState is what an actor does.
	ActorState = raw.ActorState
	// WatchdogKind is what a watchdog reports.
	WatchdogKind = raw.WatchdogKind
	// PhaseState is how far a phase is.
	PhaseState = raw.PhaseState
)

const (
	// Added.
	BucketFlat Bucket = raw.BucketFlat
	// Multiplies by 1 + value.
	BucketMult Bucket = raw.BucketMult
	// Added after the multiplication.
	BucketPostAdd Bucket = raw.BucketPostAdd
	// Replaces the result.
	BucketOverride Bucket = raw.BucketOverride
)

const (
	// Primary values.
	ListPrimary List = raw.ListPrimary
	// Derived values, formulas among them.
	ListDerived List = raw.ListDerived
)

const (
	// Part of the soft bound.
	CapBaseline CapMode = raw.CapBaseline
	// Added to the soft bound.
	CapAdditive CapMode = raw.CapAdditive
	// A maximum that holds whatever the soft one is.
	CapHardMax CapMode = raw.CapHardMax
	// A minimum that holds whatever the soft one is.
	CapHardMin CapMode = raw.CapHardMin
	// Replaces the soft bound.
	CapOverride CapMode = raw.CapOverride
)

const (
	// The upper one.
	CapKindMax CapKind = raw.CapKindMax
	// The lower one.
	CapKindMin CapKind = raw.CapKindMin
)

const (
	// Not an error.
	RejectNone Reject = raw.RejectNone
	// Two outputs of one system; both were left out.
	RejectDuplicateSystem Reject = raw.RejectDuplicateSystem
	// A value is NaN or infinite.
	RejectNotFinite Reject = raw.RejectNotFinite
	// The registry lacks a dimension.
	RejectUnknownDimension Reject = raw.RejectUnknownDimension
	// A cap's scope is not in the order of the layers.
	RejectUnknownLayer Reject = raw.RejectUnknownLayer
	// A mode that does not go with its kind, or a REALM cap without a realm.
	RejectInvalidCap Reject = raw.RejectInvalidCap
	// It failed or did not answer in time.
	RejectSubsystemFailed Reject = raw.RejectSubsystemFailed
	// A computed number is not finite.
	RejectOutOfRange Reject = raw.RejectOutOfRange
)

const (
	// A subsystem's output.
	AboutSystem About = raw.AboutSystem
	// A dimension in a list.
	AboutDimension About = raw.AboutDimension
	// A context.
	AboutContext About = raw.AboutContext
)

const (
	// The stored outputs alone: nobody is asked and nothing waits.
	ExplainStored ExplainFlags = raw.ExplainStored
)

const (
	// No step.
	StepNone Step = raw.StepNone
	// The first: the dimension (name), its list, fold and policy.
	StepRule Step = raw.StepRule
	// An output that was left out as a whole, whatever it held: its system (output), origin and code. It counts for nothing.
	StepRejected Step = raw.StepRejected
	// The formula's constant (value); the formula's sum starts from it.
	StepConstant Step = raw.StepConstant
	// A term (name): coefficient (factor) * final value (value), which is that of a list, is the product; added to the formula's sum.
	StepTerm Step = raw.StepTerm
	// A term whose dimension has no value in either list: 0.
	StepAbsentTerm Step = raw.StepAbsentTerm
	// The formula's sum (value) enters before every contribution; the result is FLAT's sum, or the operator's.
	StepFormula Step = raw.StepFormula
	// A contribution (value) to its bucket, with its priority; MULT's factor is 1 + value. The result is the bucket's so far, or the operator's; of an OVERRIDE, the first one's.
	StepContribution Step = raw.StepContribution
	// The end of a pipeline's bucket: its sum or product.
	StepBucket Step = raw.StepBucket
	// Pipelines: FLAT (value) * MULT (factor) is the product, and with POST_ADD the result. Operators: the result, of MAX and MIN with whose it is.
	StepCandidate Step = raw.StepCandidate
	// The first override replaces the candidate (value; its own where there is none).
	StepOverride Step = raw.StepOverride
	// A bound of clamp_default.
	StepDefault Step = raw.StepDefault
	// A cap (value) of a layer (name) with its mode, bound and priority. The result is what its mode has come to in this layer: a sum, the first override, the tightest hard bound.
	StepCap Step = raw.StepCap
	// The layer's soft bound; one that is not finite is absent.
	StepSoft Step = raw.StepSoft
	// The layer's hard bound.
	StepHard Step = raw.StepHard
	// The layer's bound.
	StepLayer Step = raw.StepLayer
	// The effective bound across the layers, and the layer (name) that decided it; 0 is clamp_default.
	StepAcross Step = raw.StepAcross
	// A candidate that is NaN (value) becomes the effective minimum.
	StepOutOfRange Step = raw.StepOutOfRange
	// The last: the candidate (value), the bound that clipped it with the layer (name) that decided that, and the value (result).
	StepClamp Step = raw.StepClamp
)

const (
	// By buckets.
	FoldPipeline Fold = raw.FoldPipeline
	// The operator SUM.
	FoldSum Fold = raw.FoldSum
	// The operator MAX.
	FoldMax Fold = raw.FoldMax
	// The operator MIN.
	FoldMin Fold = raw.FoldMin
)

const (
	// The tightest.
	AcrossIntersect Across = raw.AcrossIntersect
	// The widest, within clamp_default.
	AcrossUnion Across = raw.AcrossUnion
	// The first layer's that overrides, otherwise the tightest.
	AcrossPrioritizedOverride Across = raw.AcrossPrioritizedOverride
)

const (
	// Neither.
	BoundNone Bound = raw.BoundNone
	// The upper one.
	BoundMax Bound = raw.BoundMax
	// The lower one.
	BoundMin Bound = raw.BoundMin
)

const (
	// ac_entity_put.
	OriginPut Origin = raw.OriginPut
	// ac_entity_put_all, or another list that was loaded.
	OriginPutAll Origin = raw.OriginPutAll
	// An actor's answer to AC_TYPE_CONTRIBUTE.
	OriginMessage Origin = raw.OriginMessage
	// A callback's answer.
	OriginCallback Origin = raw.OriginCallback
)

const (
	// JSON when its first character is `{` or `[`, else YAML.
	FormatAuto Format = raw.FormatAuto
	// JSON (RFC 8259).
	FormatJson Format = raw.FormatJson
	// YAML 1.2, without aliases.
	FormatYaml Format = raw.FormatYaml
)

const (
	// Fail with E_REJECTED where a plain resolve would list an error; the first one is in the error's details.
	ResolveStrict ResolveFlags = raw.ResolveStrict
	// Compute even where a cached snapshot would serve.
	ResolveFresh ResolveFlags = raw.ResolveFresh
)

const (
	// Its receiver had stopped before, or never was.
	DeadStale DeadReason = raw.DeadStale
	// Its receiver stopped with it in the mailbox.
	DeadStopped DeadReason = raw.DeadStopped
	// Its receiver failed with it in the mailbox.
	DeadFailed DeadReason = raw.DeadFailed
	// A reply whose ask had ended.
	DeadLateReply DeadReason = raw.DeadLateReply
	// The system stopped before it was handled.
	DeadShutdown DeadReason = raw.DeadShutdown
	// What a handler put into the outbox was malformed: unknown type, length or buffer.
	DeadRefused DeadReason = raw.DeadRefused
	// Memory was exhausted on its way.
	DeadNoMemory DeadReason = raw.DeadNoMemory
	// Its receiver's bounded mailbox or stash, or the queue, was full.
	DeadOverflow DeadReason = raw.DeadOverflow
	// It was the oldest in a full mailbox whose policy makes room for the newest, or the newest in one that does not.
	DeadDropped DeadReason = raw.DeadDropped
	// A later message with its key took its place in the mailbox.
	DeadConflated DeadReason = raw.DeadConflated
	// A limit on memory or rate was reached.
	DeadLimited DeadReason = raw.DeadLimited
	// The router that it was sent to had nobody to give it to.
	DeadUnrouted DeadReason = raw.DeadUnrouted
)

const (
	// Nothing: its mailbox is empty.
	ActorIdle ActorState = raw.ActorIdle
	// It waits for a worker.
	ActorQueued ActorState = raw.ActorQueued
	// It is in its handler.
	ActorRunning ActorState = raw.ActorRunning
	// It waits for a worker to be told Started.
	ActorStarting ActorState = raw.ActorStarting
	// It was asked to stop, or is about to be told Stopped.
	ActorStopping ActorState = raw.ActorStopping
)

const (
	// A handler has been over its budget.
	WatchdogHandler WatchdogKind = raw.WatchdogHandler
	// A message has waited too long.
	WatchdogMailbox WatchdogKind = raw.WatchdogMailbox
	// Actors wait for each other's replies in a circle.
	WatchdogCycle WatchdogKind = raw.WatchdogCycle
)

const (
	// It has not begun.
	PhaseWaiting PhaseState = raw.PhaseWaiting
	// Its actors have been told.
	PhaseRunning PhaseState = raw.PhaseRunning
	// All have answered.
	PhaseComplete PhaseState = raw.PhaseComplete
	// The time was over before.
	PhaseTimedOut PhaseState = raw.PhaseTimedOut
)

// Parse functions, one a type.
var (
	ParseStatus = func(text string) (Status, error) {
		status, err := raw.ParseStatus(text)
		return Status(status), err
	}
	ParseBucket       = raw.ParseBucket
	ParseList         = raw.ParseList
	ParseCapMode      = raw.ParseCapMode
	ParseCapKind      = raw.ParseCapKind
	ParseReject       = raw.ParseReject
	ParseAbout        = raw.ParseAbout
	ParseExplainFlags = raw.ParseExplainFlag
	ParseStep         = raw.ParseStep
	ParseFold         = raw.ParseFold
	ParseAcross       = raw.ParseAcross
	ParseBound        = raw.ParseBound
	ParseOrigin       = raw.ParseOrigin
	ParseFormat       = raw.ParseFormat
	ParseResolveFlags = raw.ParseResolveFlag
	ParseDeadReason   = raw.ParseDead
	ParseActorState   = raw.ParseActorState
	ParseWatchdogKind = raw.ParseWatchdogKind
	ParsePhaseState   = raw.ParsePhaseState
	ParseStrategy     = raw.ParseSupervise
	ParseRoute        = raw.ParseRoute
	ParseMemoryPool   = raw.ParsePool
)
