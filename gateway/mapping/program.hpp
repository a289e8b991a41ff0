// Program: a compiled mapping as plain data. Everything that can be decided before a record comes is decided here:
// paths are slots, constants are canonical values, converters know their type. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/mapping/file.hpp"
#include "gateway/mapping/reads.hpp"
#include "gateway/record/convert.hpp"
#include "gateway/record/model.hpp"

namespace re2 {
class RE2;
}

namespace tributary::mapping {

// One place of the source, in the scope of the field that names it.
struct Source {
    Slot slot = kNoSlot;
    std::string path;  // as the mapping writes it
};

struct LuaChunk {
    std::string code;
};

struct Condition {
    enum class Test : std::uint8_t { in, exists, empty, matches, lua, all, any };
    Test test = Test::all;
    bool negated = false;
    Source source;
    KeyTable words;                         // in
    std::shared_ptr<const re2::RE2> regex;  // shared: conditions are copied while compiling
    std::shared_ptr<const LuaChunk> lua;
    std::vector<Condition> parts;  // all, any
};

struct Lookup {
    KeyTable words;
    std::vector<value::Document> values;  // by position; a null leaves the field out
};

struct Object;
struct RecordPlan;
struct Field;

// The elements of one source array.
struct Each {
    Source source;
    Reads reads;  // of one element
    Slot position = kNoSlot, number = kNoSlot;
    std::optional<Condition> where;
    std::unique_ptr<Object> object;  // elements are objects,
    std::unique_ptr<Field> item;     // or single values
};

struct TextPiece {
    std::string literal;  // before the part; the last piece is a literal alone
    Source part;
};

// How a text for a destination is made from a canonical value.
enum class Outward : std::uint8_t { none, amount, number, timestamp };

struct Field {
    enum class Form : std::uint8_t { from, constant, text_template, lua, link, each, list, object };
    Form form = Form::from;
    bool plain = false;  // one path, one converter and nothing else: the short way
    std::string key;     // in the object around it; empty in a list
    int member = -1;     // position in Object::members, when the model knows it
    bool listed =
        false;  // the model has a list here: one value becomes a list of one, an array is taken element by element
    std::size_t most = 0;  // listed: elements; 0: no limit
    OnError on_error = OnError::quarantine;
    std::unique_ptr<Condition> when;

    // How a value is made of what the form gives: by a converter, by an outward text, or as it is.
    std::optional<record::Converter> converter;
    std::unique_ptr<record::Field> own_type;  // what the converter points at, when the model has no such field
    Outward outward = Outward::none;
    std::string format, zone;          // Outward::timestamp
    Source currency, region;           // from the record
    bool needs_context = false;        // one of them is
    bool search_payment_data = false;  // a text of an entity in which card and account numbers are refused
    std::vector<std::string> empty;
    bool false_is_empty = false;
    bool has_empty = false;  // one of the two before is declared
    std::unique_ptr<Lookup> lookup;
    value::Document otherwise, fallback;  // fallback: `default:`
    bool has_otherwise = false, has_fallback = false;
    bool raw_constants = false;  // otherwise and fallback are source values: they still have to be converted

    std::vector<Source> from;
    value::Document constant;
    std::vector<TextPiece> pieces;
    std::shared_ptr<const LuaChunk> lua;
    std::unique_ptr<RecordPlan> link;
    std::unique_ptr<Each> each;
    std::vector<Field> list;
    bool plain_list = false;         // of texts, which are the same only when they are equal in the source
    std::unique_ptr<Object> object;  // Form::object; or members beside a converted value (`with`)
};

struct Object {
    std::vector<Field> fields;
    // What the model demands of this object: required members and members with a default.
    struct Member {
        std::string name;
        bool required = false;
        value::Document fallback;  // empty: none
    };
    std::vector<Member> members;  // at most 64
};

// A record that a source record becomes: the main one, a linked one, or a consent event.
struct RecordPlan {
    std::string entity;
    std::string name;  // how issues call it: "", "contact", "consent[0]"
    const record::Entity* model = nullptr;
    std::optional<Condition> when;
    std::vector<Source> key;            // linked records: the first that is not empty,
    std::vector<TextPiece> key_pieces;  // or a template
    std::string reference;              // linked records: the field of the main record that points here
    bool has_fields = true;             // false: only the reference is wanted
    Object object;
};

struct Check {
    std::shared_ptr<const LuaChunk> lua;
    std::string message;
};

struct Program {
    std::string name, to, from, version;
    Reads reads;  // of the record
    Slot slots = 0;
    RecordPlan record;
    std::vector<std::string> require;  // paths in the main record
    std::vector<Check> checks;
    std::optional<Condition> skip, deleted;
    std::vector<RecordPlan> consent;
    std::size_t records = 1;  // that one source record becomes, usually
    std::vector<Test> tests;

    bool outward() const { return !from.empty(); }
};

}  // namespace tributary::mapping
