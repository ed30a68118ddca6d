BEGIN TRANSACTION;
CREATE TABLE gate_report (
	id VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	pipeline VARCHAR NOT NULL, 
	candidate VARCHAR, 
	champion VARCHAR, 
	champion_seq INTEGER NOT NULL, 
	verdict VARCHAR NOT NULL, 
	reasons TEXT NOT NULL, 
	used VARCHAR NOT NULL, 
	windows_id VARCHAR, 
	body TEXT NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "gate_report" VALUES('71cff18b609db5edd9b2921917fcf9149dfee41f498e5a7a1db107c0b10e5028','run-a-0','p','a',NULL,0,'PROMOTE','["superior"]','plain','w1','{"candidate":"a","seq":0,"verdict":"PROMOTE"}','2026-05-03T12:00:00.000000+00:00');
INSERT INTO "gate_report" VALUES('2fc9931e175fa2bc754d20a5522130bfe57b108f577e76f499f1f64ce413c8fe','run-c-1','p','c','a',1,'REJECT','["superior"]','plain','w1','{"candidate":"c","seq":1,"verdict":"REJECT"}','2026-05-03T14:00:00.000000+00:00');
INSERT INTO "gate_report" VALUES('5070734783386372ac83610db055f3b059522ceb8e7929b8aacbe0759d7e1a65','run-b-1','p','b','a',1,'PROMOTE','["superior"]','plain','w1','{"candidate":"b","seq":1,"verdict":"PROMOTE"}','2026-05-03T13:00:00.000000+00:00');
INSERT INTO "gate_report" VALUES('b0db855469271fe7a44f4be2d9415278d9fb66943399b189876618103dcf2881','run-c-1','p','c','a',1,'INCONCLUSIVE','["superior"]','plain','w2','{"candidate":"c","seq":1,"verdict":"INCONCLUSIVE"}','2026-05-03T15:00:00.000000+00:00');
INSERT INTO "gate_report" VALUES('b75f646a83c64fd75a0ae97e8248b70c7f46187f78ad2a286feaf1d466815279','run-c-2','p','c','b',2,'REJECT','["superior"]','plain','w1','{"candidate":"c","seq":2,"verdict":"REJECT"}','2026-05-03T17:00:00.000000+00:00');
INSERT INTO "gate_report" VALUES('f60deb4447c1a56923c40c592815200bd79fe0ae8c3eb147798902d4bf4b8627','run-None-2','p',NULL,'b',2,'HOLD','["superior"]','plain',NULL,'{"candidate":"None","seq":2,"verdict":"HOLD"}','2026-05-03T18:00:00.000000+00:00');
INSERT INTO "gate_report" VALUES('3c5b31104601f8e078f094e713e149ee01cb06ec4fe0b5a9813c3d941668b6d2','run-d-2','p','d','b',2,'REJECT','["superior"]','plain','w1','{"candidate":"d","seq":2,"verdict":"REJECT"}','2026-05-03T19:00:00.000000+00:00');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema_version','1');
CREATE TABLE promotion (
	pipeline VARCHAR NOT NULL, 
	alias VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	model VARCHAR NOT NULL, 
	previous_model VARCHAR, 
	gate_report VARCHAR, 
	kind VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	as_of VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	previous_hash VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	PRIMARY KEY (pipeline, alias, seq)
);
INSERT INTO "promotion" VALUES('p','champion',1,'a',NULL,'71cff18b609db5edd9b2921917fcf9149dfee41f498e5a7a1db107c0b10e5028','promote','run','superior','2026-05-03','2026-05-03T12:00:00.000000+00:00','','132d718b21e6f34563351833460ef7df00fb3ca322f9519fc8ec561bb32daf41');
INSERT INTO "promotion" VALUES('p','champion',2,'b','a','5070734783386372ac83610db055f3b059522ceb8e7929b8aacbe0759d7e1a65','promote','run','superior','2026-05-03','2026-05-03T16:00:00.000000+00:00','132d718b21e6f34563351833460ef7df00fb3ca322f9519fc8ec561bb32daf41','35af700821920f1bbbff8ec065f0d2fe957cd4ac67d4e0d98350e09771de8749');
CREATE TABLE publication (
	pipeline VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	cutoff BIGINT NOT NULL, 
	model VARCHAR NOT NULL, 
	dataset VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (pipeline, purpose, cutoff, model, dataset, uri)
);
INSERT INTO "publication" VALUES('p','live',1777777777000000,'b','d','forecasts/p/live/b','run-b-1','2026-05-03T12:00:00.000000+00:00');
CREATE TABLE run (
	seq INTEGER NOT NULL, 
	run VARCHAR NOT NULL, 
	pipeline VARCHAR NOT NULL, 
	gate_report VARCHAR NOT NULL, 
	report_uri TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (run, gate_report)
);
INSERT INTO "run" VALUES(1,'run-a-0','p','71cff18b609db5edd9b2921917fcf9149dfee41f498e5a7a1db107c0b10e5028','reports/a/report.html','{}','2026-05-03T12:00:00.000000+00:00');
INSERT INTO "run" VALUES(2,'run-c-1','p','2fc9931e175fa2bc754d20a5522130bfe57b108f577e76f499f1f64ce413c8fe','reports/c/report.html','{}','2026-05-03T14:00:00.000000+00:00');
INSERT INTO "run" VALUES(3,'run-b-1','p','5070734783386372ac83610db055f3b059522ceb8e7929b8aacbe0759d7e1a65','reports/b/report.html','{}','2026-05-03T13:00:00.000000+00:00');
CREATE TABLE version (
	pipeline VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	dataset VARCHAR NOT NULL, 
	uri TEXT NOT NULL, 
	manifest_sha256 VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	horizon INTEGER NOT NULL, 
	freq VARCHAR NOT NULL, 
	data_end BIGINT NOT NULL, 
	as_of VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	parent VARCHAR, 
	PRIMARY KEY (pipeline, model)
);
INSERT INTO "version" VALUES('p','a','d','/store/models/a','0000000000000000000000000000000000000000000000000000000000000000','lstm',24,'h',1777777777000000,'2026-05-03','2026-05-03T12:00:00.000000+00:00',NULL);
INSERT INTO "version" VALUES('p','b','d','/store/models/b','0000000000000000000000000000000000000000000000000000000000000000','lstm',24,'h',1777777777000000,'2026-05-03','2026-05-03T13:00:00.000000+00:00',NULL);
INSERT INTO "version" VALUES('p','c','d','/store/models/c','0000000000000000000000000000000000000000000000000000000000000000','lstm',24,'h',1777777777000000,'2026-05-03','2026-05-03T14:00:00.000000+00:00',NULL);
INSERT INTO "version" VALUES('p','d','d','/store/models/d','0000000000000000000000000000000000000000000000000000000000000000','lstm',24,'h',1777777777000000,'2026-05-03','2026-05-03T15:00:00.000000+00:00',NULL);
CREATE INDEX ix_gate_report_pipeline ON gate_report (pipeline);
CREATE INDEX ix_run_pipeline ON run (pipeline);
COMMIT;
