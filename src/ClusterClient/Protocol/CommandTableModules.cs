// The command table: the modules that come with Redis 8 or have a twin for Valkey (JSON, Search, Bloom and its kin, time series).
namespace ClusterClient.Protocol;

internal static class CommandTableModules
{
    // FT.* name indexes, not keys: any node that has the index coordinates, so they have no slot. FT.SUG* are the exception. A cursor lives on the
    // node that coordinated its search.
    internal const string Rows = """
        # JSON
        0          read              JSON.GET JSON.TYPE JSON.STRLEN JSON.ARRLEN JSON.ARRINDEX JSON.OBJLEN JSON.OBJKEYS JSON.RESP
        0..-2      read              JSON.MGET
        ?          container,read    JSON.DEBUG
        0          read              JSON.DEBUG: MEMORY DEPTH FIELDS
        -          read,any          JSON.DEBUG: HELP
        0          write             JSON.SET JSON.MERGE JSON.DEL JSON.FORGET JSON.CLEAR JSON.TOGGLE
        0          write             JSON.NUMINCRBY JSON.NUMMULTBY JSON.STRAPPEND
        0          write             JSON.ARRAPPEND JSON.ARRINSERT JSON.ARRPOP JSON.ARRTRIM
        0..-1/3    write,idempotent  JSON.MSET

        # Search
        -          read,master       FT.SEARCH FT.AGGREGATE FT.HYBRID FT.EXPLAIN FT.EXPLAINCLI FT.PROFILE FT.INFO FT._LIST
        -          read,master       FT.DICTDUMP FT.SYNDUMP FT.SPELLCHECK FT.TAGVALS
        -          write,master      FT.CREATE FT._CREATEIFNX FT.ALTER FT._ALTERIFNX FT.DROPINDEX FT._DROPINDEXIFX FT.DROP FT._DROPIFX
        -          write,master      FT.ALIASADD FT._ALIASADDIFNX FT.ALIASDEL FT._ALIASDELIFX FT.ALIASUPDATE
        -          write,master      FT.DICTADD FT.DICTDEL FT.SYNUPDATE
        -          write,pinned      FT.CONFIG
        -          container,write,pinned FT.CURSOR
        -          cursor,pinned     FT.CURSOR: READ DEL GC
        0          read              FT.SUGGET FT.SUGLEN
        0          write             FT.SUGADD FT.SUGDEL

        # Bloom and cuckoo filters
        0          read              BF.EXISTS BF.MEXISTS BF.INFO BF.CARD BF.SCANDUMP BF.DEBUG
        0          write             BF.ADD BF.MADD BF.INSERT BF.RESERVE BF.LOADCHUNK BF.LOAD
        0          read              CF.EXISTS CF.MEXISTS CF.COUNT CF.INFO CF.SCANDUMP CF.DEBUG
        0          write             CF.ADD CF.ADDNX CF.INSERT CF.INSERTNX CF.DEL CF.RESERVE CF.LOADCHUNK CF.COMPACT

        # Count-min sketch, top-k, t-digest
        0          read              CMS.QUERY CMS.INFO
        0          write             CMS.INITBYDIM CMS.INITBYPROB CMS.INCRBY
        0,2#1      write             CMS.MERGE
        0          read              TOPK.QUERY TOPK.COUNT TOPK.LIST TOPK.INFO
        0          write             TOPK.RESERVE TOPK.ADD TOPK.INCRBY
        0          read              TDIGEST.QUANTILE TDIGEST.CDF TDIGEST.RANK TDIGEST.REVRANK TDIGEST.BYRANK TDIGEST.BYREVRANK
        0          read              TDIGEST.MIN TDIGEST.MAX TDIGEST.TRIMMED_MEAN TDIGEST.INFO
        0          write             TDIGEST.CREATE TDIGEST.ADD TDIGEST.RESET
        0,2#1      write             TDIGEST.MERGE

        # Time series
        0          read              TS.GET TS.RANGE TS.REVRANGE TS.INFO
        -          read,master       TS.MGET TS.MRANGE TS.MREVRANGE TS.QUERYINDEX
        0          write             TS.CREATE TS.ALTER TS.ADD TS.INCRBY TS.DECRBY TS.DEL
        0..-1/3    write             TS.MADD
        0..1       write             TS.CREATERULE TS.DELETERULE
        """;
}
