#include "gateway/record/classes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <vector>

#include "gateway/value/json.hpp"

namespace tributary::record {

namespace {

using value::Kind;
using value::Node;

void write_key(std::string_view key, std::string& out) {
    if (out.back() != '{') out += ',';
    value::write_json_string(key, out);
    out += ':';
}

void separate(std::string& out) {
    if (out.back() != '[') out += ',';
}

class Splitter {
  public:
    explicit Splitter(Parts& parts) : clear_(parts.clear), personal_(parts.personal) {}

    void members(const FieldSet& fields, Node object) {
        clear_ += '{';
        personal_ += '{';
        for (const auto member : object) {
            const Field* field = fields.find(member.key());
            const auto spread = field ? field->spread : Spread::personal;
            const bool container = member.is(Kind::object) || member.is(Kind::array);
            if (spread == Spread::mixed && container) {
                write_key(member.key(), clear_);
                write_key(member.key(), personal_);
                both(*field, member);
            } else {
                auto& side = spread == Spread::clear ? clear_ : personal_;
                write_key(member.key(), side);
                value::write_json(member, side);
            }
        }
        clear_ += '}';
        personal_ += '}';
    }

  private:
    void both(const Field& field, Node node) {
        if (node.is(Kind::object)) return members(field.fields, node);
        clear_ += '[';
        personal_ += '[';
        for (const auto item : node) {
            separate(clear_);
            separate(personal_);
            if (item.is(Kind::object)) {
                members(field.fields, item);
            } else {  // not what the model says: then nobody knows what it is
                clear_ += "null";
                value::write_json(item, personal_);
            }
        }
        clear_ += ']';
        personal_ += ']';
    }

    std::string& clear_;
    std::string& personal_;
};

void merge(Node clear, Node personal, value::Builder& out) {
    if (clear.is(Kind::object) && personal.is(Kind::object)) {
        out.begin_object();
        for (const auto member : clear) {
            out.key(member.key());
            const auto other = personal.find(member.key());
            if (other.is(Kind::missing))
                out.copy(member);
            else
                merge(member, other, out);
        }
        for (const auto member : personal)
            if (clear.find(member.key()).is(Kind::missing)) out.key(member.key()).copy(member);
        out.end();
    } else if (clear.is(Kind::array) && personal.is(Kind::array)) {
        out.begin_array();
        auto other = personal.begin();
        for (const auto item : clear) {
            if (other == personal.end()) {
                out.copy(item);
            } else {
                merge(item, *other, out);
                ++other;
            }
        }
        out.end();
    } else {
        out.copy(personal.is(Kind::missing) ? clear : personal);
    }
}

// Writes a canonical form: tagged and length-prefixed, so that no two values give the same bytes.
class Canonical {
  public:
    explicit Canonical(std::string& out) : out_(out) {}

    void write(Node node) {
        switch (node.kind()) {
            case Kind::missing:
            case Kind::null:
                out_ += 'n';
                break;
            case Kind::boolean:
                out_ += node.boolean() ? 't' : 'f';
                break;
            case Kind::integer:
                write_raw('i', static_cast<std::uint64_t>(node.integer()));
                break;
            case Kind::decimal:
                write_sized('d', node.text());
                break;
            case Kind::text:
                write_sized('s', node.text());
                break;
            case Kind::array:
                out_ += 'a';
                for (const auto item : node) write(item);
                out_ += 'e';
                break;
            case Kind::object:
                write_object(node);
                break;
        }
    }

  private:
    template <class Number>
    void write_raw(char tag, Number number) {
        static_assert(std::endian::native == std::endian::little, "stored hashes are the same on every machine");
        char bytes[1 + sizeof number] = {tag};
        std::memcpy(bytes + 1, &number, sizeof number);
        out_.append(bytes, sizeof bytes);
    }

    void write_sized(char tag, std::string_view bytes) {
        write_raw(tag, static_cast<std::uint32_t>(bytes.size()));  // a Document holds less than 4 GiB
        out_ += bytes;
    }

    // The members of all objects that are open stand on one stack: no allocation for each.
    void write_object(Node object) {
        const auto from = stack_.size();
        for (const auto member : object)
            if (member) stack_.push_back(member);
        const auto to = stack_.size();
        std::sort(stack_.begin() + static_cast<std::ptrdiff_t>(from), stack_.end(),
                  [](Node a, Node b) { return a.key() < b.key(); });
        out_ += 'o';
        for (auto i = from; i < to; ++i) {
            const Node member = stack_[i];
            write_sized('k', member.key());
            write(member);
        }
        out_ += 'e';
        stack_.resize(from);
    }

    std::string& out_;
    std::vector<Node> stack_;
};

Result<value::Document> parse_part(std::string_view json) {
    return value::parse_json(json.empty() ? "{}" : json);
}

}  // namespace

void split(const Entity& entity, Node record, Parts& parts) {
    parts.clear.clear();
    parts.personal.clear();
    Splitter(parts).members(entity.fields, record);
    if (parts.personal == "{}") parts.personal.clear();
}

Parts split(const Entity& entity, Node record) {
    Parts parts;
    split(entity, record, parts);
    return parts;
}

value::Document join(Node clear, Node personal) {
    value::Builder out;
    merge(clear, personal, out);
    return out.take();
}

Result<value::Document> join(std::string_view clear_json, std::string_view personal_json) {
    TRY(auto clear, parse_part(clear_json));
    if (personal_json.empty()) return clear;
    TRY(auto personal, parse_part(personal_json));
    return join(clear.root(), personal.root());
}

crypto::Digest<32> canonical_hash(Node node) {
    thread_local std::string bytes;  // keeps its capacity from record to record
    bytes.clear();
    Canonical(bytes).write(node);
    return crypto::sha256(bytes);
}

}  // namespace tributary::record
