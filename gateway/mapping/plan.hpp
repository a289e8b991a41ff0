// Plan: a compiled mapping. It never throws on data: whatever is wrong with a record becomes Issues, all of them at
// once.
//
//   Scratch scratch;                                   // one for each thread
//   Mapped mapped = plan->run(source.root(), scratch);
//   if (mapped.skipped) count it; else if (!mapped.accepted()) quarantine with mapped.issues; else pass on
//   mapped.records
//
// Threads: a Plan is immutable and shared (shared_ptr<const Plan>); a Scratch belongs to one thread at a time.
// Lifetimes: a Mapped owns its text and refers to neither source, plan nor scratch. A Scratch may serve many plans.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/mapping/mapped.hpp"
#include "gateway/value/document.hpp"

namespace tributary::mapping {

struct Program;  // the compiled form, private to this folder
class Trace;

// Reused buffers, builders and the Lua state of one thread.
class Scratch {
  public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;

    struct Impl;
    Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

class Plan {
  public:
    // Made by compile() only.
    explicit Plan(std::unique_ptr<const Program> program);
    ~Plan();
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    // "shopify/order"
    const std::string& name() const;
    // What it makes: a canonical entity, or "external" for an out mapping.
    const std::string& to() const;
    // What it reads: empty for the records of a source, the canonical entity for an out mapping.
    const std::string& from() const;
    // The mapping version: 16 hex digits that change when the mapping, a lookup it uses or the model's entity changes,
    // and stay for changed comments, layout and tests.
    const std::string& version() const;

    // What is accepted of a canonical mapping is a valid record: form, required fields, rules across fields and the
    // search for card numbers are part of the run, so record::validate need not be called again.
    Mapped run(value::Node source, Scratch& scratch) const;
    // Of a record that its source says is gone: nothing is required of it, and one that is no object has no fields.
    Mapped run_deleted(value::Node source, Scratch& scratch) const;
    // The same as the first, and tells the trace about every field.
    Mapped run(value::Node source, Scratch& scratch, Trace& trace) const;

    const Program& program() const { return *program_; }

  private:
    std::unique_ptr<const Program> program_;
};

}  // namespace tributary::mapping
