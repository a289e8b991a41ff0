// YAML text to tree, from yaml-cpp's events: its own node tree hides duplicate keys, aliases and tags.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "gateway/base/text.hpp"
#include "gateway/spec/yaml.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::spec {
namespace {

struct Stop {};  // thrown through yaml-cpp when reading on makes no sense; the problem is already noted

Mark one_based(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

Mark mark_at(std::string_view text, std::size_t offset) {
    auto before = text.substr(0, offset);
    auto line_start = before.rfind('\n');
    auto column = line_start == std::string_view::npos ? offset : offset - line_start - 1;
    return {static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1, static_cast<std::uint32_t>(column) + 1};
}

// YAML allows none of these, and yaml-cpp takes one of them (0x04) for the end of the text.
bool is_control(char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

// Texts such as */15 or @daily mean something else to YAML.
std::string quoting_advice(std::string_view text, const YAML::Mark& mark) {
    auto lines = split(text, '\n');
    if (mark.is_null() || static_cast<std::size_t>(mark.line) >= lines.size()) return "";
    auto line = lines[static_cast<std::size_t>(mark.line)];
    auto column = static_cast<std::size_t>(mark.column);
    bool odd = column < line.size() && std::string_view("*&!%@`").contains(line[column]);
    return odd ? "; a text that begins with this character needs quotes" : "";
}

}  // namespace

class YamlReader final : public YAML::EventHandler {
  public:
    YamlReader(std::shared_ptr<const std::string> file, Problems& problems, YamlLimits limits)
        : file_(std::move(file)), problems_(problems), limits_(limits) {}

    Yaml take() {
        if (documents_ == 0) {  // nothing but comments
            root_.file_ = file_;
            root_.mark_ = {1, 1};
        }
        return std::move(root_);
    }
    void problem(Mark mark, std::string message, std::string path = {}) {
        problems_.add({*file_, mark, std::move(path)}, std::move(message));
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) stop(mark, "a second document in one file; write one file for each");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        if (wants_key())
            take_key(mark, "", false);
        else
            finish(start(mark, Yaml::Kind::null));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        stop(mark, "aliases (*name) are not allowed; write the value out");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        // yaml-cpp writes these two escapes as Latin-1.
        if (!value::valid_utf8(text)) stop(mark, "the escapes \\_ and \\N are not supported; write \\u00a0 or \\u0085");
        if (wants_key()) return take_key(mark, text, true);
        auto node = start(mark, Yaml::Kind::scalar);
        node.text_ = text;
        node.quoted_ = tag == "!";
        finish(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Yaml::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Yaml::Kind::map);
    }
    void OnMapEnd() override { close(); }

  private:
    // A container that is being filled, and the key whose value comes next.
    struct Frame {
        Yaml node;
        std::string key = {};
        Mark key_mark = {};
        bool has_key = false;
        bool drop = false;    // the next value belongs to no usable key
        bool is_key = false;  // the container itself stands where a key should
    };

    [[noreturn]] void stop(const YAML::Mark& mark, std::string message) {
        problem(one_based(mark), std::move(message), frames_.empty() ? "" : frames_.back().node.path_);
        throw Stop{};
    }
    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor)
            stop(mark, "anchors (&name) are not allowed; write the value out where it is used");
    }
    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!")
            stop(mark, "tags (!name) are not allowed; quote the value to make it text");
    }

    bool wants_key() const { return !frames_.empty() && frames_.back().node.is_map() && !frames_.back().has_key; }

    void take_key(const YAML::Mark& mark, const std::string& key, bool is_text) {
        auto& frame = frames_.back();
        auto at = one_based(mark);
        frame.has_key = true;
        frame.key = key;
        frame.key_mark = at;
        frame.drop = !is_text || key == "<<";
        if (!is_text)
            problem(at, "a key is missing here; keys are text", frame.node.path_);
        else if (key.empty()) {
            problem(at, "a key is empty", frame.node.path_);
            frame.drop = true;
        } else if (frame.drop)
            problem(at, "merge keys (<<) are not allowed; write the fields out", frame.node.path_);
        else if (const auto* first = frame.node.find(key)) {
            problem(at, "duplicate key, first given in line " + std::to_string(first->key_mark_.line), path_of(frame));
            frame.drop = true;
        }
    }

    std::string path_of(const Frame& frame) const {
        const auto& parent = frame.node.path_;
        if (!frame.node.is_map()) return parent + "[" + std::to_string(frame.node.size()) + "]";
        return parent.empty() ? frame.key : parent + "." + frame.key;
    }

    Yaml start(const YAML::Mark& mark, Yaml::Kind kind) {
        if (++nodes_ > limits_.nodes) stop(mark, "more than " + std::to_string(limits_.nodes) + " values in one file");
        Yaml node;
        node.kind_ = kind;
        node.mark_ = one_based(mark);
        node.file_ = file_;
        if (!frames_.empty()) {
            const auto& frame = frames_.back();
            node.path_ = path_of(frame);
            node.key_ = frame.node.is_map() ? frame.key : "";
            node.key_mark_ = frame.key_mark;
            // Where nothing stands, yaml-cpp's mark is that of what comes next.
            if (kind == Yaml::Kind::null && frame.node.is_map()) node.mark_ = frame.key_mark;
        }
        return node;
    }

    void finish(Yaml node) {
        if (frames_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& frame = frames_.back();
        bool drop = frame.node.is_map() && frame.drop;
        frame.has_key = false;
        if (!drop) frame.node.children_.push_back(std::move(node));
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Yaml::Kind kind) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        if (frames_.size() >= limits_.depth)
            stop(mark, "nested more than " + std::to_string(limits_.depth) + " levels deep");
        bool is_key = wants_key();
        if (is_key)
            problem(one_based(mark),
                    "a key is " + std::string(name_of(kind)) +
                        "; keys are text, and text that begins with { or [ needs quotes",
                    frames_.back().node.path_);
        frames_.push_back({.node = start(mark, kind), .is_key = is_key});
    }

    void close() {
        Frame closed = std::move(frames_.back());
        frames_.pop_back();
        if (!closed.is_key) return finish(std::move(closed.node));
        frames_.back().has_key = true;
        frames_.back().drop = true;
    }

    std::shared_ptr<const std::string> file_;
    Problems& problems_;
    YamlLimits limits_;
    std::vector<Frame> frames_;
    Yaml root_;
    std::size_t nodes_ = 0, documents_ = 0;
};

std::optional<Yaml> parse_yaml(std::string_view text, std::string file, Problems& problems, YamlLimits limits) {
    YamlReader reader(std::make_shared<const std::string>(std::move(file)), problems, limits);
    if (text.size() > limits.bytes) {
        reader.problem({}, "the file is larger than " + std::to_string(limits.bytes) + " bytes");
        return std::nullopt;
    }
    if (auto at = value::first_invalid_utf8(text); at != text.size()) {
        reader.problem(mark_at(text, at), "not valid UTF-8 from here on");
        return std::nullopt;
    }
    if (auto control = std::ranges::find_if(text, is_control); control != text.end()) {
        reader.problem(mark_at(text, static_cast<std::size_t>(control - text.begin())),
                       "a control character; remove it, or write it as an escape in double quotes");
        return std::nullopt;
    }
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(reader)) {
        }
        return reader.take();
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& wrong) {
        reader.problem(one_based(wrong.mark), "not readable as YAML: " + wrong.msg + quoting_advice(text, wrong.mark));
        return std::nullopt;
    }
}

std::optional<Yaml> read_yaml(const std::string& file, Problems& problems, YamlLimits limits) {
    std::ifstream stream(file, std::ios::binary);
    std::string text;
    try {
        text.assign(std::istreambuf_iterator<char>(stream), {});
    } catch (const std::ios_base::failure&) {  // a directory opens as a stream, and reading it throws
        stream.setstate(std::ios::badbit);
    }
    if (!stream.is_open() || stream.bad()) {
        problems.add({file, {}, {}}, "the file is missing or cannot be read");
        return std::nullopt;
    }
    return parse_yaml(text, file, problems, limits);
}

}  // namespace tributary::spec
