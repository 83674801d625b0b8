REM INSERTING into MODELOSEMAILS, don't mind the apostrophe
SET DEFINE OFF;
PROMPT It's running
CREATE TABLE "CITSMART"."OUTRA" ("ID" NUMBER(10,0), "TEXTO" CLOB);
Insert into MODELOSEMAILS (IDMODELOEMAIL,TITULO,SITUACAO,IDENTIFICADOR) values ('1','SQL Developer leaves CLOBs out','A',' ');
Insert into "CITSMART"."MODELOSEMAILS" (IDMODELOEMAIL,TITULO,TEXTO,SITUACAO,IDENTIFICADOR) values ('2','d''água',TO_CLOB('<p>um</p>')||TO_CLOB(q'[<p class='x'>]')||CHR(13)||chr(10)||'dois'||CHR(38)||'nbsp;</p>','A','clob');
INSERT INTO modelosemails VALUES (3, q'{it's}', nq'!<p>'x'</p>!' || UNISTR('\00e7\D83D\DE00'), 'A', q'<a'b>');
INSERT /*+ APPEND */ INTO modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (4, 'Backslash C:\', EMPTY_CLOB(), 'A', 'vazio');
INSERT ALL
  INTO modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (5, 'First of all', '<p>x</p>', 'A', 'all1')
  INTO outra (id, texto) VALUES (1, 'another table')
  INTO modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (6, 'Second of all', '<p>y</p>', 'A', 'all2')
SELECT * FROM dual;
INSERT INTO modelosemails SELECT 7, 'From dual', '<p>x</p>', 'A', 'dual' FROM dual WHERE NOT EXISTS (SELECT 1 FROM modelosemails WHERE idmodeloemail = 7);
MERGE INTO modelosemails m USING (SELECT 8 id FROM dual) s ON (m.idmodeloemail = s.id) WHEN NOT MATCHED THEN INSERT VALUES (8, 'x', 'x', 'A', 'merge');
DECLARE
  v_texto CLOB := '<p>x</p>';
BEGIN
  INSERT INTO modelosemails VALUES (9, 'A variable for the body', v_texto, 'A', 'variavel');
  INSERT INTO modelosemails VALUES (seq_modelo.NEXTVAL, 'A sequence for the id', '<p>x</p>', 'A', 'sequence');
END;
/
