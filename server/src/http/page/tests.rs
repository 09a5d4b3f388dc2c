use serde_json::json;

use super::{render, text};

#[test]
fn text_of_the_description_is_never_markup() {
    assert_eq!(text("a <b> & `c<d>` \"e\""), "a &lt;b&gt; &amp; <code>c&lt;d&gt;</code> &quot;e&quot;");
}

#[test]
fn a_call_stands_there_with_fields_errors_and_a_line_to_try() {
    let whole = json!({
        "paths": {"/api/v1/things/{thing}": {"put": {
            "operationId": "putThing", "summary": "Puts a thing",
            "parameters": [
                {"name": "thing", "in": "path", "schema": {"type": "string"}, "example": "hat"},
                {"name": "If-Match", "in": "header", "schema": {"type": ["string", "null"]}}
            ],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
            "responses": {"412": {"description": "Changed", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Error"}}}}}
        }}},
        "components": {"schemas": {"Thing": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "maxLength": 9, "description": "What it is called"},
            "hats": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
        }}}}
    });
    let page = render(&whole);
    for piece in [
        "<b>PUT</b> /api/v1/things/{thing}",
        "<p>Puts a thing. </p>",
        "text, up to 9 characters",
        "list of <a href=\"#Thing\">Thing</a>",
        "<th>412</th><td><a href=\"#Error\">Error</a></td><td>Changed</td>",
        "curl -X PUT &quot;$POSTHOUSE/api/v1/things/hat&quot; -H &quot;Authorization: Bearer $KEY&quot;",
        "-H &quot;If-Match: $ETAG&quot;",
        "&quot;name&quot;: &quot;…&quot;",
    ] {
        assert!(page.contains(piece), "{piece} is not in {page}");
    }
}
