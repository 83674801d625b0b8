--
-- PostgreSQL database dump
--
\restrict it's a line for psql
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
CREATE FUNCTION f() RETURNS text AS $body$
  SELECT 'insert into modelosemails values (99, ''t'', ''x'', ''A'', ''no'')'; -- it's inside a function
$body$ LANGUAGE sql;
/* nested /* comments */ it's still one */
INSERT INTO public.modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (1, 'Backslashes are plain: C:\temp\', '<p>\n stays</p>', 'A', 'plain');
INSERT INTO "public"."modelosemails" ("idmodeloemail", "titulo", "texto", "situacao", "identificador") VALUES
  (2, E'escaped \'quote\' \u00e7', E'<p>line\nnext</p>', 'A', 'escaped'),
  (3, $$dollar's$$, $html$<p class="x">'$$ and $1'</p>$html$, 'I'::bpchar, 'dollar'::character varying(20)),
  (4, U&'\00e7edilha \\', 'one' || chr(10) || 'two'
      ' continued', 'A', NULL);
INSERT INTO modelosemails AS m OVERRIDING SYSTEM VALUE VALUES (5, 'An alias and a clause', '<p>x</p>', 'A', 'clause') ON CONFLICT (idmodeloemail) DO UPDATE SET texto = excluded.texto;
DO $do$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM modelosemails WHERE identificador = 'bloco') THEN
    INSERT INTO modelosemails VALUES (6, 'In a block, it''s read', '<p>x</p>', 'A', 'bloco');
  END IF;
END
$do$;
INSERT INTO modelosemails (idmodeloemail, titulo, texto, situacao, identificador)
SELECT 7, 'Only if it is not there', CAST('<p>x</p>' AS text), 'A', 'select' WHERE NOT EXISTS (SELECT 1 FROM modelosemails WHERE idmodeloemail = 7)
UNION ALL SELECT 8 AS id, 'And another' AS titulo, '<p>y</p>', 'A', 'union';
INSERT INTO modelosemails SELECT * FROM modelosemails_bkp;
INSERT INTO modelosemails VALUES (nextval('seq'), 'A sequence for the id', '<p>x</p>', 'A', 'sequence');
