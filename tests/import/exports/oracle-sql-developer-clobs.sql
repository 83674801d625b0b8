REM INSERTING into MODELOSEMAILS
SET DEFINE OFF;
Insert into DESK.MODELOSEMAILS (IDMODELOEMAIL,TITULO,TEXTO,SITUACAO,IDENTIFICADOR) values (101,'Registro',TO_CLOB('<p>Prezado(a) ${NOMECONTATO},</p><p>A so') || TO_CLOB('licitação ${IDSOLICITACAOSERVICO} foi registrada.</p>'),'A','registro');
Insert into DESK.MODELOSEMAILS (IDMODELOEMAIL,TITULO,TEXTO,SITUACAO,IDENTIFICADOR) values (103,'Aspas',q'[<p>Sua resposta: <b>"sim"</b> ou <b>d'accord</b>?</p>]','A','aspas');
Insert into DESK.MODELOSEMAILS (IDMODELOEMAIL,TITULO,TEXTO,SITUACAO,IDENTIFICADOR) values (104,'Sem texto',EMPTY_CLOB(),'A','vazio');
Insert into DESK.MODELOSEMAILS (IDMODELOEMAIL,TITULO,TEXTO,SITUACAO,IDENTIFICADOR) values (105,'N\00famero',unistr('<p>a\00e7\00e3o</p>'),'A','unistr');
commit;
