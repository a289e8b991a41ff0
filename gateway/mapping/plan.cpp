#include "gateway/mapping/plan.hpp"

#include "gateway/mapping/runner.hpp"

namespace tributary::mapping {

Plan::Plan(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Plan::~Plan() = default;

const std::string& Plan::name() const {
    return program_->name;
}
const std::string& Plan::to() const {
    return program_->to;
}
const std::string& Plan::from() const {
    return program_->from;
}
const std::string& Plan::version() const {
    return program_->version;
}

Mapped Plan::run(value::Node source, Scratch& scratch) const {
    Mapped mapped;
    Runner(*program_, scratch.impl(), mapped, nullptr).run(source);
    return mapped;
}

Mapped Plan::run_deleted(value::Node source, Scratch& scratch) const {
    Mapped mapped;
    Runner(*program_, scratch.impl(), mapped, nullptr, true).run(source);
    return mapped;
}

Mapped Plan::run(value::Node source, Scratch& scratch, Trace& trace) const {
    Mapped mapped;
    Runner(*program_, scratch.impl(), mapped, &trace).run(source);
    return mapped;
}

}  // namespace tributary::mapping
