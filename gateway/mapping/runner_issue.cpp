#include "gateway/mapping/runner.hpp"
#include "gateway/value/json.hpp"

namespace tributary::mapping {

namespace {
constexpr std::size_t kShownBytes = 80;

std::string shown(value::Node node) {
    auto text = value::to_json(node);
    if (text.size() <= kShownBytes) return text;
    auto cut = kShownBytes;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
    return text.substr(0, cut) + "...";
}

}  // namespace

Runner::Outcome Runner::fault(const Field& field, std::string code, std::string message, const Source* source) {
    report(field.on_error == OnError::drop ? Level::dropped : Level::quarantine, std::move(code), std::move(message),
           target_path(field.key), source);
    return field.on_error == OnError::drop ? Outcome::absent : Outcome::failed;
}

void Runner::report(Level level, std::string code, std::string message, std::string target, const Source* source) {
    out_.issues.push_back(
        {level, std::move(code), std::move(target), source ? source_path(*source) : std::string(), std::move(message)});
}

std::string Runner::target_path(std::string_view last) const {
    std::string path;
    const auto add = [&](std::string_view key) {
        if (!path.empty() && !key.empty()) path += '.';
        path += key;
    };
    for (const auto& frame : scratch_.frames) {
        add(*frame.key);
        if (frame.each) path += '[' + std::to_string(frame.target_index) + ']';
    }
    add(last);
    return path;
}

std::string Runner::source_path(const Source& source) const {
    const auto join = [](std::string around, std::string_view path) {
        if (path.starts_with("$")) return std::string(path.substr(path.starts_with("$.") ? 2 : 1));
        if (path == "_item") return around;
        if (!around.empty() && !path.starts_with("[")) around += '.';
        return around.append(path);
    };
    std::string around;
    for (const auto& frame : scratch_.frames)
        if (frame.each)
            around = join(std::move(around), frame.each->source.path) + '[' + std::to_string(frame.source_index) + ']';
    return join(std::move(around), source.path);
}

void Runner::tell(const Field& field, const Source* source, value::Node node, std::string how, Outcome outcome) {
    TraceLine line{.target = target_path(field.key), .kind = node.kind(), .how = std::move(how)};
    if (source) line.source = source_path(*source);
    if (trace_->with_values() && node) line.value = shown(node);
    line.outcome = outcome == Outcome::written ? "written" : outcome == Outcome::failed ? "failed" : "absent";
    if (!out_.issues.empty() && out_.issues.back().target == line.target) {
        line.issue = out_.issues.back().message;
        if (out_.issues.back().level == Level::dropped) line.outcome = "dropped";
    }
    trace_->add(std::move(line));
}

}  // namespace tributary::mapping
