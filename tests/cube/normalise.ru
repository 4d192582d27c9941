# What the recommendation adds to abbreviated cubes before checking them (its section 10).
PREFIX qb: <http://purl.org/linked-data/cube#>

INSERT { ?observation a qb:Observation }
WHERE { { ?observation qb:dataSet ?dataset } UNION { ?slice qb:observation ?observation } } ;

INSERT { ?dataset a qb:DataSet }
WHERE { { ?observation qb:dataSet ?dataset } UNION { ?dataset qb:slice ?slice } } ;

INSERT { ?slice a qb:Slice }
WHERE { ?dataset qb:slice ?slice } ;

INSERT { ?component qb:componentProperty ?property . ?property a ?kind }
WHERE {
  VALUES (?link ?kind) {
    (qb:dimension qb:DimensionProperty)
    (qb:measureDimension qb:DimensionProperty)
    (qb:measure qb:MeasureProperty)
    (qb:attribute qb:AttributeProperty)
  }
  ?component ?link ?property .
} ;

INSERT { ?observation qb:dataSet ?dataset }
WHERE {
  ?dataset qb:slice/qb:observation ?observation .
  FILTER NOT EXISTS { ?observation qb:dataSet ?any }
} ;

INSERT { ?observation ?property ?value }
WHERE {
  ?dataset qb:structure/qb:component ?component .
  ?component qb:componentAttachment qb:DataSet .
  ?component qb:componentProperty ?property .
  ?dataset ?property ?value .
  ?observation qb:dataSet ?dataset .
} ;

INSERT { ?observation ?dimension ?value }
WHERE {
  ?slice qb:sliceStructure/qb:componentProperty ?dimension .
  ?slice ?dimension ?value .
  ?slice qb:observation ?observation .
}
