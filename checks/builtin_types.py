"""Types that every PostgreSQL has (manual, chapter "Data Types"), and those that well-known extensions bring."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = """
    bigserial bit bool boolean box bpchar bytea char cid cidr circle date daterange datemultirange decimal float4 float8
    inet int int2 int2vector int4 int4range int4multirange int8 int8range int8multirange interval json jsonb jsonpath
    line lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point
    polygon refcursor regclass regcollation regconfig regdatabase regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype serial serial2 serial4 serial8 smallserial text tid time timestamp timestamptz timetz
    tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar xid xid8 xml
    aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
    anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange cstring event_trigger fdw_handler
    index_am_handler internal language_handler opaque pg_ddl_command record table_am_handler trigger tsm_handler
    unknown void cardinal_number character_data sql_identifier time_stamp yes_or_no
"""
BUILTIN_TYPES = frozenset(_NAMES.split())

# The type's extension: contrib modules of the manual, PostGIS, pgvector, and what clouds offer.
EXTENSION_TYPES: Mapping[str, str] = {
    "citext": "citext",
    "hstore": "hstore",
    "ltree": "ltree",
    "lquery": "ltree",
    "ltxtquery": "ltree",
    "cube": "cube",
    "seg": "seg",
    "earth": "earthdistance",
    "isbn": "isn",
    "isbn13": "isn",
    "issn": "isn",
    "ean13": "isn",
    "upc": "isn",
    "query_int": "intarray",
    "geometry": "postgis",
    "geography": "postgis",
    "box2d": "postgis",
    "box3d": "postgis",
    "raster": "postgis_raster",
    "vector": "vector",
    "halfvec": "vector",
    "sparsevec": "vector",
    "semver": "semver",
    "ip4r": "ip4r",
    "roaringbitmap": "roaringbitmap",
}
