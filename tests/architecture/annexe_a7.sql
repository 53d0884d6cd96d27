-- The customer's own inserts (A.7), their UUIDs completed; nothing else is changed.
-- Sociétés
INSERT INTO company(id,legal_name,brand_name,siren) VALUES
('11111111-1111-1111-1111-111111111111','France Téléphone','France Téléphone','800397291'),
('22222222-2222-2222-2222-222222222222','Action Prévoyance','Action Prévoyance','530895710');

-- Risques
INSERT INTO risk(id,company_id,code,label,scope) VALUES
('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa','11111111-1111-1111-1111-111111111111','OTT','Offre TV','personal'),
('bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb','22222222-2222-2222-2222-222222222222','SANTE','Complémentaire Santé','personal');

-- Produit interne (MTV)
INSERT INTO product(id,company_id,risk_id,sku,name,revenue_model,lifecycle_status)
VALUES('a1000000-0000-4000-8000-000000000001','11111111-1111-1111-1111-111111111111','aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa','MTV-OFFRE-001','Offre TV Essentiel','revenue','active');

-- Version & plan
INSERT INTO product_version(id,product_id,version,effective_from)
VALUES('b1000000-0000-4000-8000-000000000001','a1000000-0000-4000-8000-000000000001',1,now());

INSERT INTO product_plan(id,product_version_id,code,name,recurrence)
VALUES('c1000000-0000-4000-8000-000000000001','b1000000-0000-4000-8000-000000000001','BASIC','Essentiel','monthly');

INSERT INTO pricing_rule(id,product_version_id,plan_id,type,currency,payload)
VALUES('d1000000-0000-4000-8000-000000000001','b1000000-0000-4000-8000-000000000001','c1000000-0000-4000-8000-000000000001','fixed','EUR','{"amount":9.90}');
